#include "tools/common/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/ascii.h"

namespace tidemark::tools {

namespace {

constexpr size_t kHelpColumn = 34;

}  // namespace

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::excludes(const Option& other) {
    option_->excludes(other.option_);
    return *this;
}

Option& Option::group(const std::string& heading) {
    option_->group(heading);
    return *this;
}

Option& Option::type_name(const std::string& word) {
    option_->type_name(word);
    return *this;
}

Option& Option::show_default() {
    option_->capture_default_str();
    return *this;
}

Option& Option::one_value_each() {
    option_->allow_extra_args(false);
    return *this;
}

Option& Option::between(uint64_t least, uint64_t most) {
    option_->check(CLI::Range(least, most));
    return *this;
}

Option& Option::within(double least, double most) {
    option_->check(CLI::Range(least, most));
    return *this;
}

Option& Option::folder_that_exists() {
    option_->check(CLI::ExistingDirectory);
    return *this;
}

Option& Option::not_empty() {
    const auto problem = [](const std::string& word) {
        return word.empty() ? std::string("nothing was given") : std::string();
    };
    option_->check(CLI::Validator(problem, ""));
    return *this;
}

Options::Options(const std::string& command, const std::string& summary)
    : app_(std::make_unique<CLI::App>(summary, command)), place_(app_.get()) {
    app_->get_formatter()->column_width(kHelpColumn);
}

Options::~Options() = default;

Option Options::add(const std::string& names, std::string& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, std::vector<std::string>& to,
                    const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, uint32_t& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, uint64_t& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, double& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, std::optional<std::string>& to,
                    const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, std::optional<int>& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, std::optional<int64_t>& to, const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add(const std::string& names, std::optional<uint64_t>& to,
                    const std::string& help) {
    return Option(place_->add_option(names, to, help));
}

Option Options::add_flag(const std::string& names, bool& to, const std::string& help) {
    return Option(place_->add_flag(names, to, help));
}

Option Options::add_choice(const std::string& names, std::vector<std::string> words,
                           std::function<void(size_t)> set, const std::string& help) {
    const auto known = std::make_shared<std::vector<std::string>>(std::move(words));
    const auto find = [known](const std::string& word) {
        const auto found = std::find_if(known->begin(), known->end(), [&](const std::string& one) {
            return same_word(one, word);
        });
        return static_cast<size_t>(found - known->begin());
    };
    const auto check = [known, find](const std::string& word) {
        if (find(word) < known->size()) return std::string();
        return word + " is none of " + CLI::detail::join(*known, ", ");
    };
    const auto take = [find, set](const std::string& word) { set(find(word)); };
    CLI::Option* option = place_->add_option_function<std::string>(names, take, help);
    option->check(CLI::Validator(check, ""));
    return Option(option);
}

void Options::begin_one_of(const std::string& heading, const std::string& help) {
    place_ = app_->add_option_group(heading, help);
}

void Options::end_one_of() {
    place_->require_option(1);
    place_ = app_.get();
}

void Options::add_footer(const std::string& text) {
    const std::string rest = app_->get_footer();
    app_->footer(rest.empty() ? text : text + "\n\n" + rest);
}

Result<std::optional<std::string>> Options::parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());  // as CLI11 wants it
    try {
        app_->parse(std::move(words));
    } catch (const CLI::CallForHelp&) {
        return app_->help();
    } catch (const CLI::ParseError& error) {
        return fail(ErrorCode::kInvalid, error.what());
    }
    return std::nullopt;
}

}  // namespace tidemark::tools
