#include "base/result.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <memory>

using namespace tidemark;

namespace {

Result<std::unique_ptr<int>> boxed(int value) {
    if (value < 0) return fail(ErrorCode::kInvalid, "a negative number", 7);
    return std::make_unique<int>(value);
}

Result<int> twice(int value) {
    const std::unique_ptr<int> box = TM_TRY(boxed(value));
    return *box * 2;
}

Status checked(int value, int* reached) {
    TM_CHECK(twice(value));
    ++*reached;
    return {};
}

}  // namespace

TEST_CASE("base/result: TM_TRY gives the value, also one that only moves, or passes the error on") {
    CHECK(*twice(4) == 8);
    const Result<int> refused = twice(-1);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::kInvalid);
    CHECK(refused.error().what == "a negative number");
    CHECK(refused.error().offset == 7);
}

TEST_CASE("base/result: TM_CHECK returns early with the error") {
    int reached = 0;
    CHECK(checked(1, &reached).has_value());
    CHECK(reached == 1);
    CHECK_FALSE(checked(-1, &reached).has_value());
    CHECK(reached == 1);
}

TEST_CASE("base/result: system errors keep the errno, its words and the right code") {
    const Error error = system_error(ENOENT, "Can't open x");
    CHECK(error.code == ErrorCode::kNotFound);
    CHECK(error.sys_errno == ENOENT);
    CHECK(error.what == "Can't open x: No such file or directory");
    CHECK(system_error(ENOSPC, "").code == ErrorCode::kNoSpace);
    CHECK(system_error(EDQUOT, "").code == ErrorCode::kNoSpace);
    CHECK(system_error(EACCES, "").code == ErrorCode::kPermission);
    CHECK(system_error(EEXIST, "").code == ErrorCode::kExists);
    CHECK(system_error(EIO, "").code == ErrorCode::kIo);
}
