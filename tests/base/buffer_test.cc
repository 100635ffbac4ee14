#include "base/buffer.h"

#include <doctest/doctest.h>

#include <string>

#include "base/random.h"

using tidemark::Buffer;
using tidemark::Random;

TEST_CASE("base/buffer: it behaves like a string that is appended to and consumed") {
    Random random(11);
    Buffer buffer;
    std::string model;
    for (int round = 0; round < 20'000; ++round) {
        switch (random.below(4)) {
            case 0:
            case 1: {
                const std::string piece(random.below(300), static_cast<char>('a' + round % 26));
                buffer.append(piece);
                model += piece;
                break;
            }
            case 2: {
                const size_t bytes = random.below(model.size() + 1);
                buffer.consume(bytes);
                model.erase(0, bytes);
                break;
            }
            default: {
                const size_t size = model.size() - random.below(model.size() / 8 + 1);
                buffer.shorten(size);
                model.resize(size);
            }
        }
        REQUIRE(buffer.size() == model.size());
        REQUIRE(buffer.view() == model);
        REQUIRE(buffer.empty() == model.empty());
    }
}

TEST_CASE("base/buffer: reserved bytes count only once they are committed") {
    Buffer buffer;
    char* to = buffer.reserve(100);
    to[0] = 'x';
    to[1] = 'y';
    CHECK(buffer.empty());
    buffer.commit(2);
    CHECK(buffer.view() == "xy");
    CHECK(buffer.capacity() >= 100);
}

TEST_CASE("base/buffer: a queue that stays short does not grow") {
    Buffer buffer;
    const std::string piece(100, 'x');
    for (int i = 0; i < 10'000; ++i) {
        buffer.append(piece);
        buffer.append(piece);
        buffer.consume(150);
        if (buffer.size() > 300) buffer.consume(buffer.size() - 50);
    }
    CHECK(buffer.capacity() <= 4096);
}

TEST_CASE("base/buffer: release frees, and it can be used again") {
    Buffer buffer;
    buffer.append(std::string(10'000, 'x'));
    buffer.release();
    CHECK(buffer.capacity() == 0);
    CHECK(buffer.empty());
    buffer.append('y');
    CHECK(buffer.view() == "y");
}

TEST_CASE("base/buffer: moving takes the bytes along") {
    Buffer from;
    from.append("abc");
    Buffer to(std::move(from));
    CHECK(to.view() == "abc");
    Buffer assigned;
    assigned = std::move(to);
    CHECK(assigned.view() == "abc");
}
