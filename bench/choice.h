// An option of the command line that takes one of a few words.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace tidemark::bench {

// Turns the word into the value that CLI11 then reads; any other is refused with those there are.
template <class Value>
CLI::Validator one_of(const std::map<std::string, Value>& choices) {
    const auto turn = [&choices](std::string& word) -> std::string {
        const auto found = choices.find(word);
        if (found == choices.end()) {
            std::string known;
            for (const auto& [name, value] : choices) known += (known.empty() ? "" : ", ") + name;
            return fmt::format("'{}' is none of {}", word, known);
        }
        word = std::to_string(static_cast<int>(found->second));
        return {};
    };
    return CLI::Validator(turn, "");
}

}  // namespace tidemark::bench
