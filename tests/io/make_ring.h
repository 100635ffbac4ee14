#pragma once

#include <doctest/doctest.h>

#include <memory>

#include "io/ring.h"

namespace tidemark {

inline std::unique_ptr<io::Ring> make_ring(const io::Ring::Options& options = {}) {
    auto ring = io::Ring::create(options);
    REQUIRE(ring.has_value());
    return std::move(*ring);
}

}  // namespace tidemark
