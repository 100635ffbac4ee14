#include "tests/process/random_commands.h"

#include <array>
#include <cctype>
#include <iterator>
#include <sstream>

namespace tidemark::test {

namespace {

// A command as words: lower case in angle brackets is a kind of argument (see append), the rest is
// sent as it is. The number is how often it is chosen in relation to the others.
struct Template {
    int weight;
    std::string_view text;
};

constexpr auto kTemplates = std::to_array<Template>({
    {30, "GET <key>"},
    {20, "SET <key> <value>"},
    {40, "SET <key> <value> <set>"},
    {10, "GETSET <key> <value>"},
    {10, "GETDEL <key>"},
    {16, "GETEX <key> <getex>"},
    {10, "SETNX <key> <value>"},
    {8, "SETEX <key> <seconds> <value>"},
    {8, "PSETEX <key> <milliseconds> <value>"},
    {3, "SETEX <key> <odd> <value>"},
    {3, "PSETEX <key> <odd> <value>"},
    {12, "MGET <keys>"},
    {10, "MSET <pairs>"},
    {8, "MSETNX <pairs>"},
    {16, "APPEND <key> <value>"},
    {10, "STRLEN <key>"},
    {16, "GETRANGE <key> <position> <position>"},
    {4, "SUBSTR <key> <position> <position>"},
    {14, "SETRANGE <key> <offset> <value>"},
    {14, "INCR <key>"},
    {12, "DECR <key>"},
    {14, "INCRBY <key> <integer>"},
    {12, "DECRBY <key> <integer>"},
    {16, "INCRBYFLOAT <key> <value>"},
    {14, "LCS <key> <key> <lcs>"},
    {10, "DEL <keys>"},
    {6, "UNLINK <keys>"},
    {8, "EXISTS <keys>"},
    {8, "TYPE <key>"},
    {6, "TOUCH <keys>"},
    {6, "KEYS <glob>"},
    {8, "SCAN 0 COUNT 100000 <scan>"},
    {4, "SCAN <odd> <scan>"},
    {4, "RANDOMKEY"},
    {10, "RENAME <key> <key>"},
    {10, "RENAMENX <key> <key>"},
    {16, "COPY <key> <key> <copy>"},
    {10, "MOVE <key> <db>"},
    {6, "SWAPDB <db> <db>"},
    {12, "EXPIRE <key> <seconds> <expire>"},
    {12, "PEXPIRE <key> <milliseconds> <expire>"},
    {16, "EXPIREAT <key> <seconds-at> <expire>"},
    {16, "PEXPIREAT <key> <milliseconds-at> <expire>"},
    {4, "EXPIRE <key> <odd> <expire>"},
    {4, "PEXPIRE <key> <odd> <expire>"},
    {6, "EXPIREAT <key> <odd> <expire>"},
    {6, "PEXPIREAT <key> <odd> <expire>"},
    {8, "TTL <key>"},
    {8, "PTTL <key>"},
    {8, "EXPIRETIME <key>"},
    {8, "PEXPIRETIME <key>"},
    {10, "PERSIST <key>"},
    {14, "OBJECT ENCODING <key>"},
    {4, "OBJECT REFCOUNT <key>"},
    {4, "OBJECT IDLETIME <key>"},
    {4, "OBJECT FREQ <key>"},
    {1, "OBJECT HELP"},
    {2, "OBJECT <odd> <key>"},
    {3, "DBSIZE"},
    {1, "FLUSHDB <flush>"},
    {1, "FLUSHALL <flush>"},
    {8, "SELECT <db>"},
    {10, "WATCH <keys>"},
    {2, "UNWATCH"},
    {2, "DISCARD"},
    {2, "EXEC"},
    {3, "PING"},
    {3, "PING <value>"},
    {4, "ECHO <value>"},
    {3, "NOSUCHCOMMAND <keys>"},
    {2, "<odd> <odd>"},
    {4, "COMMAND GETKEYS <command>"},
    {2, "COMMAND GETKEYSANDFLAGS"},
    {2, "CONFIG GET databases"},
    {2, "CONFIG GET <odd>"},
    {1, "CONFIG <odd>"},
    {1, "CONFIG SET <odd> <odd>"},
    {1, "CONFIG SET <directive> <odd>"},
    {1, "CONFIG SET timeout 0 <directive> <odd>"},
    {1, "CONFIG SET timeout"},
    {1, "CONFIG GET <directive>"},
    {2, "WAIT 0 <odd>"},
    {1, "WAIT <odd> 1"},
    {1, "DEBUG SLEEP 0"},
    {1, "DEBUG <odd>"},
    {2, "CLIENT SETNAME <word>"},
    {2, "CLIENT GETNAME"},
    {1, "CLIENT NO-EVICT <on-off>"},
    {1, "CLIENT <odd>"},
    {1, "CLIENT REPLY <odd>"},
    {1, "CLIENT KILL <odd>"},
    {1, "CLIENT LIST TYPE <odd>"},
    {1, "AUTH <word>"},
    {1, "AUTH <odd> <word>"},
    {1, "HELLO 2 SETNAME <odd>"},
    {1, "HELLO <odd>"},
    {1, "HELLO 3 <odd>"},
    {1, "SHUTDOWN <word>"},
    {1, "SHUTDOWN NOSAVE SAVE"},
});

// As few as possible, so that commands meet each other's keys.
const std::vector<std::string> kKeys = {"a",
                                        "b",
                                        "c",
                                        "d",
                                        "e",
                                        "f",
                                        "key:1",
                                        "key:2",
                                        "key:3",
                                        "A",
                                        "",
                                        std::string("\0\xff\r\n", 4),
                                        std::string(300, 'k'),
                                        "*",
                                        "[a-c]",
                                        "12"};

const std::vector<std::string> kNumbers = {"0",
                                           "1",
                                           "-1",
                                           "7",
                                           "100",
                                           "9999",
                                           "10000",
                                           "-10000",
                                           "2147483647",
                                           "2147483648",
                                           "9223372036854775807",
                                           "-9223372036854775808",
                                           "9223372036854775806"};

const std::vector<std::string> kFloats = {"1.5",
                                          "-0.1",
                                          "3.0e3",
                                          "1e-7",
                                          "0.30000000000000004",
                                          "1e17",
                                          "123456789.123456789",
                                          "5.00",
                                          "1e300",
                                          "-1e300",
                                          "1e4930",
                                          "0x1p4",
                                          "17179869184.5",
                                          ".5",
                                          "5."};

// What no parser should take, or only some do. No number here reaches a size that a server would
// have to make room for.
const std::vector<std::string> kOdd = {"",
                                       " ",
                                       " 1",
                                       "1 ",
                                       "+1",
                                       "-0",
                                       "007",
                                       "0x10",
                                       "1.0",
                                       "1e5",
                                       "nan",
                                       "NaN",
                                       "inf",
                                       "-inf",
                                       "infinity",
                                       "9223372036854775808",
                                       "-9223372036854775809",
                                       "99999999999999999999",
                                       "abc",
                                       std::string("1\0", 2),
                                       std::string("ab\r\ncd"),
                                       std::string(130, 'x'),
                                       "-1",
                                       "0",
                                       "-100",
                                       "4294967296",
                                       "536870912",
                                       "-9223372036854775808",
                                       "9223372036854775807",
                                       "NX",
                                       "GET",
                                       "%s%n",
                                       "\"quoted\"",
                                       "*",
                                       "1_000"};

const std::vector<std::string> kGlobs = {
    "*",   "a",   "?",  "key:*", "[a-c]", "[^a]", "[c-a]*", "\\*", "key:[12]", "",   "[",    "[a",
    "*1*", "k*k", "\\", "[\\a]", "?*",    "A",    "**",     "[^",  "[a-",      "[]", "a*b*c"};

const std::vector<std::string> kPositions = {"0",
                                             "1",
                                             "2",
                                             "5",
                                             "-1",
                                             "-2",
                                             "-5",
                                             "10",
                                             "100",
                                             "-100",
                                             "1000000",
                                             "-9223372036854775808",
                                             "9223372036854775807",
                                             "0",
                                             "-1"};

const std::vector<std::string> kOffsets = {
    "0",  "1",         "2", "5", "10", "43", "44", "100", "500", "536870912", "9223372036854775807",
    "-1", "4294967296"};

const std::vector<std::string> kDbs = {"0", "0", "0", "1", "1", "2", "15"};
const std::vector<std::string> kOddDbs = {"16", "-1", "abc", "", "99999999999", "1.5", "007"};
// What an odd value cannot turn into trouble.
const std::vector<std::string> kDirectives = {"timeout",          "loglevel",       "appendfsync",
                                              "databases",        "appendonly",     "TcP-keepalive",
                                              "maxmemory-policy", "requirepasswort"};
const std::vector<std::string> kWords = {
    "hello",       "x",       "with space",           "",
    "line\nbreak", "foo-bar", std::string("z\0z", 3), "caf\xc3\xa9"};

// Not what would stop the server or answer with all that it knows: SHUTDOWN, COMMAND.
bool may_be_damaged(std::string_view text) {
    for (const std::string_view head :
         {"SHUTDOWN", "COMMAND", "CONFIG", "CLIENT", "HELLO", "DEBUG"}) {
        if (text.substr(0, head.size()) == head) return false;
    }
    return true;
}

}  // namespace

std::string RandomCommands::in_random_case(std::string_view word) {
    std::string out(word);
    if (below(3) != 0) return out;
    for (char& c : out) {
        const auto byte = static_cast<unsigned char>(c);
        c = static_cast<char>(below(2) == 0 ? std::tolower(byte) : std::toupper(byte));
    }
    return out;
}

// Mostly from the first few.
std::string RandomCommands::key() {
    return kKeys[below(4) != 0 ? below(5) : below(kKeys.size())];
}

std::string RandomCommands::integer() {
    if (below(3) == 0) return pick(kNumbers);
    if (below(12) == 0) return odd();
    return std::to_string(static_cast<int64_t>(below(2001)) - 1000);
}

std::string RandomCommands::odd() {
    return pick(kOdd);
}

std::string RandomCommands::value() {
    switch (below(9)) {
        case 0:
            return odd();
        case 1:
            return pick(kFloats);
        case 2:
            return pick(kNumbers);
        case 3: {
            // Around the border between embstr and raw, and past it.
            std::string text(40 + below(10), 'a');
            for (char& c : text) c = static_cast<char>('a' + below(4));
            return text;
        }
        case 4: {
            std::string text(below(200), '\0');
            for (char& c : text) c = static_cast<char>(below(256));
            return text;
        }
        case 5:
            return below(20) == 0 ? std::string(1000 + below(4000), 'L') : pick(kWords);
        default:
            return integer();
    }
}

// 31 years at most, seldom twice the same: two servers that disagree by a millisecond about "now"
// must still agree which of two expiries is later.
std::string RandomCommands::relative_seconds() {
    return std::to_string(10'000 + below(1'000'000'000));
}

std::string RandomCommands::absolute_seconds() {
    return std::to_string(4'200'000'000 + below(1'000));
}

void RandomCommands::append_options(Command& command, std::string_view words, size_t at_most) {
    std::istringstream stream{std::string(words)};
    std::vector<std::string> all{std::istream_iterator<std::string>(stream), {}};
    for (size_t left = below(at_most + 1); left > 0; --left) {
        // "MATCH=<glob>": a word with its argument.
        const std::string& option = all[below(all.size())];
        const size_t equals = option.find('=');
        command.push_back(in_random_case(option.substr(0, equals)));
        if (equals != std::string::npos && below(25) != 0) {
            append(command, below(12) != 0 ? option.substr(equals + 1) : "<odd>");
        }
    }
}

void RandomCommands::append(Command& command, std::string_view kind) {
    if (kind == "<key>") {
        command.push_back(key());
    } else if (kind == "<keys>") {
        for (size_t left = 1 + below(4); left > 0; --left) command.push_back(key());
    } else if (kind == "<pairs>") {
        for (size_t left = 1 + below(4); left > 0; --left) {
            command.push_back(key());
            command.push_back(value());
        }
    } else if (kind == "<value>") {
        command.push_back(value());
    } else if (kind == "<integer>") {
        command.push_back(integer());
    } else if (kind == "<odd>") {
        command.push_back(odd());
    } else if (kind == "<word>") {
        command.push_back(pick(kWords));
    } else if (kind == "<position>") {
        command.push_back(below(15) == 0 ? odd() : pick(kPositions));
    } else if (kind == "<offset>") {
        command.push_back(below(15) == 0 ? odd() : pick(kOffsets));
    } else if (kind == "<db>") {
        command.push_back(below(8) == 0 ? pick(kOddDbs) : pick(kDbs));
    } else if (kind == "<directive>") {
        command.push_back(pick(kDirectives));
    } else if (kind == "<glob>") {
        command.push_back(pick(kGlobs));
    } else if (kind == "<seconds>") {
        command.push_back(relative_seconds());
    } else if (kind == "<milliseconds>") {
        command.push_back(relative_seconds() + std::to_string(100 + below(900)));
    } else if (kind == "<seconds-at>") {
        command.push_back(absolute_seconds());
    } else if (kind == "<milliseconds-at>") {
        command.push_back(absolute_seconds() + std::to_string(100 + below(900)));
    } else if (kind == "<set>") {
        append_options(command,
                       "NX XX GET KEEPTTL EX=<seconds> PX=<milliseconds> EXAT=<seconds-at> "
                       "PXAT=<milliseconds-at>",
                       3);
    } else if (kind == "<getex>") {
        append_options(command,
                       "PERSIST EX=<seconds> PX=<milliseconds> EXAT=<seconds-at> "
                       "PXAT=<milliseconds-at>",
                       2);
    } else if (kind == "<expire>") {
        append_options(command, "NX XX GT LT NX XX GT LT FOO", 2);
    } else if (kind == "<lcs>") {
        append_options(command, "LEN IDX IDX WITHMATCHLEN MINMATCHLEN=<integer>", 3);
    } else if (kind == "<scan>") {
        append_options(command, "MATCH=<glob> MATCH=<glob> TYPE=<type>", 2);
    } else if (kind == "<type>") {
        command.push_back(pick({"string", "STRING", "list", "nosuchtype", ""}));
    } else if (kind == "<copy>") {
        append_options(command, "REPLACE DB=<db> DB=<db> REPLACE", 2);
    } else if (kind == "<flush>") {
        append_options(command, "SYNC ASYNC FOO", 1);
    } else if (kind == "<on-off>") {
        append_options(command, "ON OFF FOO", 1);
    } else if (kind == "<command>") {
        Command inner = from_template(kTemplates[below(kTemplates.size())].text);
        // A command of one word is refused by 7.0 and not since, which would make a transaction go
        // on in one server only.
        if (inner.size() < 2) inner.push_back(key());
        command.insert(command.end(), inner.begin(), inner.end());
    } else {
        command.push_back(in_random_case(kind));
    }
}

Command RandomCommands::from_template(std::string_view text) {
    Command command;
    std::istringstream stream{std::string(text)};
    for (std::string word; stream >> word;) append(command, word);
    return command;
}

// One argument less or more.
void RandomCommands::damage(Command& command) {
    if (below(2) == 0 && command.size() > 1) {
        command.pop_back();
    } else {
        command.push_back(below(2) == 0 ? odd() : key());
    }
}

Command RandomCommands::next(State state) {
    if (state == State::kInTransaction && below(6) == 0) {
        return {in_random_case(below(10) == 0 ? "DISCARD" : "EXEC")};
    }
    if (below(state == State::kIdle ? 25 : 200) == 0) return {in_random_case("MULTI")};
    size_t total = 0;
    for (const Template& t : kTemplates) total += static_cast<size_t>(t.weight);
    size_t left = below(total);
    const Template* chosen = kTemplates.data();
    while (left >= static_cast<size_t>(chosen->weight)) {
        left -= static_cast<size_t>(chosen->weight);
        ++chosen;
    }
    Command command = from_template(chosen->text);
    if (below(40) == 0 && may_be_damaged(chosen->text)) damage(command);
    return command;
}

}  // namespace tidemark::test
