#include "cmd/command_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ascii.h"
#include "base/assert.h"
#include "cmd/errors.h"
#include "cmd/groups.h"

namespace tidemark::cmd {

namespace {

// Sets the case bit of every byte. Exact for letters: only 'A' and 'a' become 'a'. For the other
// bytes that occur in names two values fall together, which Slot::compare_all takes care of.
constexpr uint64_t kCaseBits = 0x2020202020202020ULL;
// Odd, from the golden ratio (Fibonacci hashing).
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15ULL;

template <class Word>
uint64_t load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}

}  // namespace

CommandTable::CommandTable(std::span<const std::span<const CommandSpec>> groups) {
    for (std::span<const CommandSpec> group : groups) {
        specs_.insert(specs_.end(), group.begin(), group.end());
    }
    TM_ASSERT(specs_.size() < kTopLevel);
    containers_.resize(specs_.size(), kTopLevel);
    is_container_.resize(specs_.size(), 0);
    size_t slot_count = 64;
    while (slot_count < specs_.size() * 4) slot_count *= 2;
    slots_.resize(slot_count);

    for (size_t i = 0; i < specs_.size(); ++i) {
        specs_[i].index = static_cast<uint16_t>(i);
        lower_names_.push_back(ascii_lower(specs_[i].name));
        if (specs_[i].name.find('|') != std::string_view::npos) continue;
        insert(specs_[i], specs_[i].name, kTopLevel);
        ++top_level_count_;
    }
    for (const CommandSpec& spec : specs_) {
        size_t bar = spec.name.find('|');
        if (bar == std::string_view::npos) continue;
        const CommandSpec* container = lookup(spec.name.substr(0, bar), kTopLevel);
        TM_ASSERT(container != nullptr);
        containers_[spec.index] = container->index;
        is_container_[container->index] = 1;
        insert(spec, spec.name.substr(bar + 1), container->index);
    }
}

CommandTable::Folded CommandTable::fold(std::string_view name) {
    const char* at = name.data();
    size_t length = name.size();
    if (length >= 8) {
        return {load<uint64_t>(at) | kCaseBits, load<uint64_t>(at + length - 8) | kCaseBits};
    }
    uint64_t head = 0;
    if (length >= 4) {
        head = load<uint32_t>(at) | load<uint32_t>(at + length - 4) << 32U;
    } else if (length > 0) {
        head = load<uint8_t>(at) | load<uint8_t>(at + length / 2) << 8U |
               load<uint8_t>(at + length - 1) << 16U;
    }
    return {head | kCaseBits, 0};
}

uint64_t CommandTable::slot_hash(Folded folded, size_t length, uint32_t container) {
    uint64_t mixed = folded.head ^ (folded.tail * 3) ^ (length << 56U) ^ (container * 0x10001ULL);
    mixed *= kMultiplier;
    return mixed >> 32U;
}

void CommandTable::insert(const CommandSpec& spec, std::string_view name, uint32_t container) {
    TM_ASSERT(lookup(name, container) == nullptr);
    Slot slot;
    slot.folded = fold(name);
    slot.spec = static_cast<uint16_t>(spec.index + 1);
    slot.container = static_cast<uint16_t>(container);
    slot.length = static_cast<uint16_t>(name.size());
    slot.compare_all = name.size() > 16 || !std::all_of(name.begin(), name.end(), is_ascii_letter);
    size_t mask = slots_.size() - 1;
    size_t i = slot_hash(slot.folded, name.size(), container) & mask;
    while (slots_[i].spec != 0) i = (i + 1) & mask;
    slots_[i] = slot;
}

bool CommandTable::same_name(const Slot& slot, std::string_view name) const {
    std::string_view lowered = lower_names_[slot.spec - 1U];
    lowered.remove_prefix(lowered.size() - slot.length);
    return std::equal(name.begin(), name.end(), lowered.begin(), lowered.end(),
                      [](char sent, char known) { return ascii_lower(sent) == known; });
}

const CommandSpec* CommandTable::lookup(std::string_view name, uint32_t container) const {
    Folded folded = fold(name);
    size_t mask = slots_.size() - 1;
    for (size_t i = slot_hash(folded, name.size(), container) & mask; slots_[i].spec != 0;
         i = (i + 1) & mask) {
        const Slot& slot = slots_[i];
        if (slot.folded.head != folded.head || slot.folded.tail != folded.tail ||
            slot.length != name.size() || slot.container != container) {
            continue;
        }
        if (!slot.compare_all || same_name(slot, name)) return &specs_[slot.spec - 1U];
    }
    return nullptr;
}

CommandTable::Match CommandTable::find(Args args) const {
    const CommandSpec* spec = lookup(args[0], kTopLevel);
    if (spec == nullptr) return {nullptr, Lookup::kUnknownCommand};
    if (is_container_[spec->index] == 0 || args.size() < 2) return {spec, Lookup::kFound};
    const CommandSpec* subcommand = lookup(args[1], spec->index);
    if (subcommand != nullptr) return {subcommand, Lookup::kFound};
    // COMMAND works without a subcommand too, but not with a word that it does not know.
    return {spec, Lookup::kUnknownSubcommand};
}

const CommandSpec* CommandTable::find_name(std::string_view full_name) const {
    size_t bar = full_name.find('|');
    const CommandSpec* spec = lookup(full_name.substr(0, bar), kTopLevel);
    if (spec == nullptr || bar == std::string_view::npos) return spec;
    return lookup(full_name.substr(bar + 1), spec->index);
}

std::vector<const CommandSpec*> CommandTable::subcommands_of(const CommandSpec& container) const {
    std::vector<const CommandSpec*> found;
    for (const CommandSpec& spec : specs_) {
        if (containers_[spec.index] == container.index) found.push_back(&spec);
    }
    return found;
}

CommandTable make_command_table() {
    std::array<std::span<const CommandSpec>, kGroups.size()> groups;
    std::transform(kGroups.begin(), kGroups.end(), groups.begin(),
                   [](Group group) { return group(); });
    return CommandTable(groups);
}

std::string lookup_error(const CommandTable& table, const CommandTable::Match& match, Args args) {
    if (match.outcome == Lookup::kUnknownSubcommand) {
        return errors::unknown_subcommand(args[1], table.lower_name(*match.spec));
    }
    return errors::unknown_command(args[0], errors::quoted_arguments(args.subspan(1)));
}

}  // namespace tidemark::cmd
