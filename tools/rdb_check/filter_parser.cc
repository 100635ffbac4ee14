#include "tools/rdb_check/filter_parser.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/assert.h"
#include "tools/rdb_check/filter_numbers.h"

namespace tidemark::rdb_check {

namespace {

using Node = Filter::Node;

enum class Operator : uint8_t {
    kEqual,
    kNotEqual,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kGlob,
    kNotGlob,
    kRegex,
};

struct OperatorRow {
    std::string_view text;
    Operator op;
};

// Longer ones first: each is a prefix of what stands before it.
constexpr auto kOperators = std::to_array<OperatorRow>({
    {"!=", Operator::kNotEqual},
    {"!~", Operator::kNotGlob},
    {"<=", Operator::kLessEqual},
    {">=", Operator::kGreaterEqual},
    {"=~", Operator::kRegex},
    {"=", Operator::kEqual},
    {"<", Operator::kLess},
    {">", Operator::kGreater},
    {"~", Operator::kGlob},
});

const OperatorRow* find_operator(std::string_view text) {
    for (const OperatorRow& row : kOperators)
        if (text.starts_with(row.text)) return &row;
    return nullptr;
}

tl::unexpected<Error> wrong(std::string what, size_t offset = 0) {
    return fail(ErrorCode::kInvalid, std::move(what), offset);
}

std::string_view operators_of(FieldForm form) {
    switch (form) {
        case FieldForm::kNumber:
            return "= != < <= > >=";
        case FieldForm::kType:
            return "= !=";
        case FieldForm::kKey:
            return "= != ~ !~ =~";
    }
    return {};
}

// The operators in the list are one space apart.
Status check_operator(const FieldRow& row, const OperatorRow& op) {
    const std::string_view known = operators_of(row.form);
    if (fmt::format(" {} ", known).find(fmt::format(" {} ", op.text)) != std::string::npos)
        return {};
    return wrong(fmt::format("{} can only be compared with {}", row.name, known));
}

Node test_node(Condition condition) {
    Node node;
    node.kind = Node::Kind::kTest;
    node.condition = std::move(condition);
    return node;
}

Node negated(Node child) {
    Node node;
    node.kind = Node::Kind::kNot;
    node.children.push_back(std::move(child));
    return node;
}

Status add_item(Condition& condition, const FieldRow& row, std::string_view item) {
    if (row.form == FieldForm::kType) {
        if (!is_type_name(item))
            return wrong(fmt::format("'{}' is not a type; known are {}", item, type_names()));
        condition.words.emplace_back(item);
        return {};
    }
    if (row.field == Field::kTtl) {
        if (item == "none") return condition.ttl_words.push_back(Condition::Ttl::kNone), Status();
        if (item == "any") return condition.ttl_words.push_back(Condition::Ttl::kAny), Status();
        if (item == "expired")
            return condition.ttl_words.push_back(Condition::Ttl::kExpired), Status();
    }
    condition.intervals.push_back(TM_TRY(parse_interval(row, item)));
    return {};
}

Result<Node> listed(const FieldRow& row, std::string_view value) {
    Condition condition;
    condition.field = row.field;
    for (const Item& item : split_list(value)) {
        Status status = add_item(condition, row, item.text);
        if (status) continue;
        status.error().offset += item.offset;
        return fail(std::move(status).error());
    }
    return test_node(std::move(condition));
}

Result<Node> compared(const FieldRow& row, Operator op, std::string_view value) {
    const int64_t bound = TM_TRY(parse_quantity(row, value));
    Condition condition;
    condition.field = row.field;
    Interval interval;
    switch (op) {
        case Operator::kLess:
            interval.high = bound - 1;  // no bound is INT64_MIN
            break;
        case Operator::kLessEqual:
            interval.high = bound;
            break;
        case Operator::kGreater:
            if (bound == INT64_MAX) return wrong("nothing can be larger");
            interval.low = bound + 1;
            break;
        case Operator::kGreaterEqual:
            interval.low = bound;
            break;
        default:
            TM_ASSERT(false);
    }
    condition.intervals.push_back(interval);
    return test_node(std::move(condition));
}

Result<Node> key_test(Operator op, std::string_view value) {
    Condition condition;
    condition.field = Field::kKey;
    switch (op) {
        case Operator::kEqual:
        case Operator::kNotEqual:
            condition.words.emplace_back(value);
            break;
        case Operator::kGlob:
        case Operator::kNotGlob:
            condition.globs.emplace_back(value);
            break;
        case Operator::kRegex:
            condition.regexes.push_back(TM_TRY(KeyRegex::compile(value)));
            break;
        default:
            TM_ASSERT(false);
    }
    Node node = test_node(std::move(condition));
    const bool is_negated = op == Operator::kNotEqual || op == Operator::kNotGlob;
    return is_negated ? negated(std::move(node)) : std::move(node);
}

// The operator fits. Offsets in errors are those in `value`.
Result<Node> make_test(const FieldRow& row, Operator op, std::string_view value) {
    if (row.form == FieldForm::kKey) return key_test(op, value);
    if (value.empty()) return wrong(fmt::format("{} is compared with nothing", row.name));
    if (op == Operator::kEqual) return listed(row, value);
    if (op == Operator::kNotEqual) return negated(TM_TRY(listed(row, value)));
    return compared(row, op, value);
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::optional<char> hex_byte(std::string_view digits) {
    unsigned value = 0;
    if (digits.size() < 2) return std::nullopt;
    for (const char c : digits.substr(0, 2)) {
        const size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (digit == std::string_view::npos) return std::nullopt;
        value = value * 16 + static_cast<unsigned>(digit);
    }
    return static_cast<char>(value);
}

class Parser {
public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<Node> parse() {
        Node node = TM_TRY(alternatives(0));
        skip_spaces();
        if (at_ == text_.size()) return node;
        if (rest().starts_with(')')) return wrong("this ) closes nothing", at_);
        return wrong("'and', 'or' or the end is missing", at_);
    }

private:
    std::string_view rest() const { return text_.substr(at_); }
    void skip_spaces() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
    }

    Result<Node> alternatives(int depth) {
        return joined(depth, Node::Kind::kAny, "or", &Parser::conjunction);
    }
    Result<Node> conjunction(int depth) {
        return joined(depth, Node::Kind::kAll, "and", &Parser::factor);
    }

    // part (word part)*
    Result<Node> joined(int depth, Node::Kind kind, std::string_view word,
                        Result<Node> (Parser::*part)(int)) {
        Node node;
        node.kind = kind;
        do node.children.push_back(TM_TRY((this->*part)(depth)));
        while (take_word(word));
        if (node.children.size() > 1) return node;
        Node only = std::move(node.children[0]);
        return only;
    }

    Result<Node> factor(int depth) {
        skip_spaces();
        if (depth > kFilterDepthMax) return wrong("it is nested too deeply", at_);
        if (take_word("not")) return negated(TM_TRY(factor(depth + 1)));
        if (!rest().starts_with('(')) return test();
        const size_t open = at_++;
        Node node = TM_TRY(alternatives(depth + 1));
        skip_spaces();
        if (!rest().starts_with(')')) return wrong("this ( is not closed", open);
        ++at_;
        return node;
    }

    // A whole word, in capitals too.
    bool take_word(std::string_view word) {
        skip_spaces();
        const std::string_view found = peek_word();
        if (found.size() != word.size()) return false;
        for (size_t i = 0; i < word.size(); ++i)
            if ((found[i] | 0x20) != word[i]) return false;
        at_ += word.size();
        return true;
    }
    std::string_view peek_word() const {
        size_t end = 0;
        while (end < rest().size() && ((rest()[end] | 0x20) >= 'a' && (rest()[end] | 0x20) <= 'z'))
            ++end;
        return rest().substr(0, end);
    }

    Result<Node> test() {
        const size_t begin = at_;
        const std::string_view name = peek_word();
        const FieldRow* row = find_field(name);
        if (at_ == text_.size())
            return wrong(fmt::format("a test is missing; it begins with {}", field_names()), begin);
        if (row == nullptr) {
            return wrong(fmt::format("'{}' cannot be tested; known are {}",
                                     name.empty() ? rest().substr(0, 1) : name, field_names()),
                         begin);
        }
        at_ += name.size();
        skip_spaces();
        const OperatorRow* op = find_operator(rest());
        if (op == nullptr)
            return wrong(fmt::format("{} needs one of = != < <= > >= ~ !~ =~", row->name), at_);
        Status fits = check_operator(*row, *op);
        if (!fits) return wrong(std::move(fits.error().what), at_);
        at_ += op->text.size();
        skip_spaces();
        return test_of(*row, op->op);
    }

    Result<Node> test_of(const FieldRow& row, Operator op) {
        const size_t value_begin = at_;
        const std::string value = TM_TRY(this->value());
        if (at_ == value_begin)
            return wrong(fmt::format("{} is compared with nothing", row.name), at_);
        Result<Node> node = make_test(row, op, value);
        if (node) return node;
        Error error = std::move(node).error();
        // Inside quotes one further; where there are escapes, near it.
        const size_t quote = text_[value_begin] == '\'' || text_[value_begin] == '"' ? 1 : 0;
        error.offset += value_begin + quote;
        return fail(std::move(error));
    }

    Result<std::string> value() {
        if (rest().starts_with('\'')) return verbatim();
        if (rest().starts_with('"')) return escaped();
        const size_t begin = at_;
        while (at_ < text_.size() && !is_space(text_[at_]) && text_[at_] != ')') ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }

    Result<std::string> verbatim() {
        const size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return wrong("this ' is not closed", at_);
        std::string value(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return value;
    }

    Result<std::string> escaped() {
        const size_t open = at_++;
        std::string value;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '"') return value;
            value += c == '\\' ? TM_TRY(escape()) : c;
        }
        return wrong("this \" is not closed", open);
    }

    // Behind the backslash.
    Result<char> escape() {
        constexpr std::string_view kEscapes = "nrt\\\"";
        constexpr std::string_view kEscaped = "\n\r\t\\\"";
        const size_t begin = at_ - 1;
        const char name = at_ < text_.size() ? text_[at_++] : '\0';
        if (const size_t i = kEscapes.find(name); i != std::string_view::npos) return kEscaped[i];
        if (name == 'x') {
            const std::optional<char> byte = hex_byte(rest());
            if (!byte) return wrong("\\x needs two hexadecimal digits", begin);
            at_ += 2;
            return *byte;
        }
        return wrong("known escapes are \\n \\r \\t \\\\ \\\" and \\xHH", begin);
    }

    std::string_view text_;
    size_t at_ = 0;
};

// The place goes into the sentence.
Result<Node> with_column(Result<Node> parsed) {
    if (parsed) return parsed;
    Error error = std::move(parsed).error();
    if (error.offset == kNoOffset) error.offset = 0;
    error.what = fmt::format("column {}: {}", error.offset + 1, error.what);
    return fail(std::move(error));
}

}  // namespace

Result<Node> parse_filter(std::string_view text) {
    return with_column(Parser(text).parse());
}

Result<Node> parse_option(Field field, std::string_view text) {
    const FieldRow& row = row_of(field);
    if (row.form == FieldForm::kKey) return make_test(row, Operator::kGlob, text);
    const OperatorRow* op = find_operator(text);
    if (op == nullptr) return with_column(make_test(row, Operator::kEqual, text));
    Status fits = check_operator(row, *op);
    if (!fits) return with_column(fail(std::move(fits).error()));
    Result<Node> node = make_test(row, op->op, text.substr(op->text.size()));
    if (!node && node.error().offset != kNoOffset) node.error().offset += op->text.size();
    return with_column(std::move(node));
}

Result<Node> parse_key_regex(std::string_view pattern) {
    return with_column(make_test(row_of(Field::kKey), Operator::kRegex, pattern));
}

}  // namespace tidemark::rdb_check
