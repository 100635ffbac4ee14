// The options of a mode: a thin front of CLI11, which takes a compiler many seconds to read and to
// instantiate, so that one file pays for it. Names are CLI11's: "-o,--output" is an option, "file"
// a positional.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tidemark::tools {

// One of them, for what else is to be said of it. Valid as long as its Options.
class Option {
public:
    explicit Option(CLI::Option* option) : option_(option) {}

    Option& required();
    Option& excludes(const Option& other);
    Option& group(const std::string& heading);   // under which --help shows it
    Option& type_name(const std::string& word);  // what --help calls its value
    Option& show_default();                      // in --help
    Option& one_value_each();                    // may be repeated; what follows is something else
    Option& between(uint64_t least, uint64_t most);
    Option& within(double least, double most);
    Option& folder_that_exists();
    Option& not_empty();

private:
    CLI::Option* option_;
};

class Options {
public:
    // How the command is called, and its one line.
    Options(const std::string& command, const std::string& summary);
    ~Options();
    Options(const Options&) = delete;
    Options& operator=(const Options&) = delete;

    // What `to` holds at first is the default; all must outlive parse().
    Option add(const std::string& names, std::string& to, const std::string& help);
    Option add(const std::string& names, std::vector<std::string>& to, const std::string& help);
    Option add(const std::string& names, uint32_t& to, const std::string& help);
    Option add(const std::string& names, uint64_t& to, const std::string& help);
    Option add(const std::string& names, double& to, const std::string& help);
    Option add(const std::string& names, std::optional<std::string>& to, const std::string& help);
    Option add(const std::string& names, std::optional<int>& to, const std::string& help);
    Option add(const std::string& names, std::optional<int64_t>& to, const std::string& help);
    Option add(const std::string& names, std::optional<uint64_t>& to, const std::string& help);
    Option add_flag(const std::string& names, bool& to, const std::string& help);

    // One word of a few, capitals or not.
    template <class Value>
    using Words = std::vector<std::pair<std::string, Value>>;
    template <class Value>
    Option add(const std::string& names, Value& to, const Words<Value>& words,
               const std::string& help) {
        std::vector<std::string> spelled;
        for (const auto& word : words) spelled.push_back(word.first);
        const auto set = [&to, words](size_t i) { to = words[i].second; };
        return add_choice(names, std::move(spelled), set, help);
    }

    // From here to the end, options are of a group of which exactly one is to be given.
    void begin_one_of(const std::string& heading, const std::string& help = {});
    void end_one_of();

    // --help ends with these, the last one added first.
    void add_footer(const std::string& text);

    // Nothing: the values are set. A text: --help was asked for, and this is it. An error: what is
    // wrong with the line.
    Result<std::optional<std::string>> parse(std::vector<std::string> words);

private:
    Option add_choice(const std::string& names, std::vector<std::string> words,
                      std::function<void(size_t)> set, const std::string& help);

    std::unique_ptr<CLI::App> app_;
    CLI::App* place_;  // where options go: the app itself, or the group that was begun
};

}  // namespace tidemark::tools
