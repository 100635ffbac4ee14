#include "base/log.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace tidemark;

namespace {

struct LogFile {
    LogFile() {
        const int fd = ::mkstemp(path.data());
        REQUIRE(fd >= 0);
        ::close(fd);
    }
    ~LogFile() { ::unlink(path.c_str()); }
    std::string text() const {
        std::ostringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    }
    std::string path = "/tmp/tidemark-log-XXXXXX";
};

}  // namespace

TEST_CASE("base/log: lines have Redis's form") {
    ManualClock clock(1'700'000'000'123'456);
    LogFile file;
    Logger logger(clock);
    REQUIRE(logger.open_file(file.path).has_value());
    logger.notice("Ready to accept {}", "connections");
    logger.warning("careful");
    // pid:role day month year time.ms mark message
    const std::string text = file.text();
    CAPTURE(text);
    CHECK(text.find(std::to_string(::getpid()) + ":M ") == 0);
    CHECK(text.find(":20.123 * Ready to accept connections\n") != std::string::npos);
    CHECK(text.find(" Nov 2023 ") != std::string::npos);
    CHECK(text.find(" # careful\n") != std::string::npos);
}

TEST_CASE("base/log: lines below the level are not written") {
    ManualClock clock;
    LogFile file;
    Logger logger(clock);
    REQUIRE(logger.open_file(file.path).has_value());
    logger.verbose("no");
    logger.debug("no");
    CHECK(file.text().empty());
    logger.set_level(LogLevel::kVerbose);
    logger.verbose("yes");
    logger.debug("no");
    CHECK(file.text().find(" - yes\n") != std::string::npos);
    logger.set_level(LogLevel::kNothing);
    logger.warning("hidden");
    CHECK(file.text().find("hidden") == std::string::npos);
}

TEST_CASE("base/log: a file that cannot be opened is named and the old one stays") {
    ManualClock clock;
    LogFile file;
    Logger logger(clock);
    REQUIRE(logger.open_file(file.path).has_value());
    const Status refused = logger.open_file("/no/such/folder/log");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("/no/such/folder/log") != std::string::npos);
    logger.notice("still here");
    CHECK(file.text().find("still here") != std::string::npos);
}
