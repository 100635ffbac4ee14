#include "bench/cells.h"

#include <algorithm>

namespace tidemark::bench {

namespace {

class Plan {
public:
    void add(const Cell& cell) {
        if (std::find(cells_.begin(), cells_.end(), cell) == cells_.end()) cells_.push_back(cell);
    }
    std::vector<Cell> take() { return std::move(cells_); }

private:
    std::vector<Cell> cells_;
};

// Without reads, or with one client, there is nobody to be kept apart.
void add_readers(Plan& plan, const FsyncOptions& options, Cell cell) {
    for (const Readers readers : options.readers) {
        const bool mixed = cell.reads_percent > 0 && cell.reads_percent < 100 && cell.clients > 1;
        cell.readers = mixed ? readers : Readers::kSame;
        plan.add(cell);
    }
}

void add_crossed(Plan& plan, const FsyncOptions& options, Cell cell) {
    for (const uint32_t value : options.values) {
        for (const int pipeline : options.pipelines) {
            for (const int reads : options.reads) {
                for (const int clients : options.clients) {
                    cell.value_bytes = value;
                    cell.pipeline = pipeline;
                    cell.reads_percent = reads;
                    cell.clients = clients;
                    add_readers(plan, options, cell);
                }
            }
        }
    }
}

void add_axes(Plan& plan, const FsyncOptions& options, const Cell& base) {
    plan.add(base);
    for (Cell cell = base; const int clients : options.clients) {
        cell.clients = clients;
        plan.add(cell);
    }
    for (Cell cell = base; const int pipeline : options.pipelines) {
        cell.pipeline = pipeline;
        plan.add(cell);
    }
    for (Cell cell = base; const uint32_t value : options.values) {
        cell.value_bytes = value;
        plan.add(cell);
    }
    for (Cell cell = base; const int reads : options.reads) {
        cell.reads_percent = reads;
        add_readers(plan, options, cell);
    }
}

}  // namespace

std::vector<Cell> plan_cells(const FsyncOptions& options, const std::string& disk,
                             Persistence policy) {
    Cell base;
    base.disk = disk;
    base.policy = policy;
    base.clients = options.clients.front();
    base.pipeline = options.pipelines.front();
    base.value_bytes = options.values.front();
    base.reads_percent = options.reads.front();
    base.rate = options.rate_only ? options.rate : 0;
    Plan plan;
    if (options.spread == Spread::kCross) {
        add_crossed(plan, options, base);
    } else {
        add_axes(plan, options, base);
    }
    return plan.take();
}

std::vector<Lane> lanes_of(const Cell& cell, const CellKeys& keys) {
    Lane writer;
    writer.verb = Verb::kSet;
    writer.connections = cell.clients;
    writer.pipeline = cell.pipeline;
    writer.rate = cell.rate;
    writer.keys = keys.written;
    writer.read_keys = keys.settled;
    writer.value_bytes = cell.value_bytes;
    const double share = cell.reads_percent / 100.0;
    writer.read_share = share;
    if (cell.readers == Readers::kSame) return {writer};

    Lane reader = writer;
    reader.verb = Verb::kGet;
    reader.read_share = 0;
    reader.keys = keys.settled;
    reader.connections =
        std::clamp(static_cast<int>(cell.clients * share + 0.5), 1, std::max(1, cell.clients - 1));
    reader.rate = cell.rate * share;
    writer.read_share = 0;
    writer.connections = cell.clients - reader.connections;
    writer.rate = cell.rate - reader.rate;
    return {writer, reader};
}

}  // namespace tidemark::bench
