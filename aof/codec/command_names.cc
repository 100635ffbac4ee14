#include "aof/codec/command_names.h"

#include <algorithm>
#include <cctype>

#include "base/assert.h"

namespace tidemark::aof {

namespace {

constexpr Logged kLogged = Logged::kLogged;
constexpr Logged kNotLogged = Logged::kNotLogged;

constexpr CommandName kRows[] = {
#include "aof/codec/command_names.inc"
};

uint64_t hash_of(std::string_view upper) {
    uint64_t hash = upper.size();
    for (char c : upper) hash = hash * 31 + static_cast<unsigned char>(c);
    return hash * 0x9e3779b97f4a7c15 >> 40;
}

// Writes it in upper case at `to`; false when it is too long to be a name.
bool fold(std::string_view name, char* to, size_t room) {
    if (name.size() > room) return false;
    for (char c : name) {
        const bool lower = c >= 'a' && c <= 'z';
        *to++ = lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return true;
}

}  // namespace

std::span<const CommandName> all_command_names() {
    return kRows;
}

CommandNames::CommandNames() {
    rows_.reserve(std::size(kRows) + 16);
    for (const CommandName& row : kRows) insert(row);
}

void CommandNames::insert(const CommandName& row) {
    TM_ASSERT(rows_.size() < kSlots / 2);
    const size_t bar = row.name.find('|');
    if (bar != std::string_view::npos) {
        const CommandName* container = lookup(row.name.substr(0, bar));
        TM_ASSERT(container != nullptr);  // sorted: it comes first
        has_subcommands_[static_cast<size_t>(container - rows_.data())] = 1;
    }
    rows_.push_back(row);
    has_subcommands_.push_back(0);
    uint64_t slot = hash_of(row.name) % kSlots;
    while (slots_[slot] != 0) slot = (slot + 1) % kSlots;
    slots_[slot] = static_cast<uint16_t>(rows_.size());
}

void CommandNames::accept(std::string_view name) {
    auto upper = std::make_shared<std::string>(name);
    fold(name, upper->data(), upper->size());
    if (lookup(*upper) != nullptr || rows_.size() + 1 >= kSlots / 2) return;
    insert({*upper, -1, kLogged, {1, 1, 1}});
    accepted_.push_back(std::move(upper));
}

const CommandName* CommandNames::lookup(std::string_view upper) const {
    for (uint64_t slot = hash_of(upper) % kSlots; slots_[slot] != 0; slot = (slot + 1) % kSlots) {
        const CommandName& row = rows_[slots_[slot] - 1];
        if (row.name == upper) return &row;
    }
    return nullptr;
}

const CommandName* CommandNames::find(std::span<const std::string_view> args) const {
    char name[kNameMax];
    if (!fold(args[0], name, kNameMax)) return nullptr;
    const CommandName* row = lookup({name, args[0].size()});
    if (row == nullptr || args.size() < 2) return row;
    if (has_subcommands_[static_cast<size_t>(row - rows_.data())] == 0) return row;
    size_t length = args[0].size();
    name[length++] = '|';
    if (length > kNameMax || !fold(args[1], name + length, kNameMax - length)) return nullptr;
    return lookup({name, length + args[1].size()});
}

}  // namespace tidemark::aof
