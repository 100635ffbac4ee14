// Runs the matrix on one disk: for each policy the contestants are started in fresh folders, and
// take turns in every cell. A server that dies is reported, and started again for the next cell.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/cells.h"
#include "bench/fsync_options.h"
#include "bench/progress.h"
#include "bench/stage.h"

namespace tidemark::bench {

class Matrix {
public:
    // `place`: a folder on the disk that is called `disk`.
    Matrix(Stage& stage, const FsyncOptions& options, const std::vector<Contestant>& contestants,
           Progress& progress, ScratchFolder& place, std::string disk)
        : stage_(stage),
          options_(options),
          contestants_(contestants),
          progress_(progress),
          place_(place),
          disk_(std::move(disk)) {}

    // The cells of one policy. Everything that happens is in the stage's report.
    void run(const std::vector<Cell>& cells);
    // A running server instead.
    void run_attached(std::unique_ptr<ServerProcess> server, const std::vector<Cell>& cells);

    // Its planned length.
    static double seconds_of(const FsyncOptions& options, size_t contestants, size_t cells);

private:
    struct Entrant {
        const Contestant* contestant = nullptr;  // null: attached
        std::unique_ptr<ServerProcess> server;
        std::map<uint32_t, KeyRange> settled;  // by value size, what was set to be read
        bool given_up = false;
    };

    Status start(Entrant& entrant, Persistence policy);
    Status settle(Entrant& entrant, const Cell& cell);
    void prepare(Entrant& entrant, const Cell& cell);
    void run_cells(const std::vector<Cell>& cells);
    // Returns the rate of the slowest, 0 when none ran.
    double run_cell(const Cell& cell);
    CellKeys keys_of(const Entrant& entrant, const Cell& cell) const;

    Stage& stage_;
    const FsyncOptions& options_;
    const std::vector<Contestant>& contestants_;
    Progress& progress_;
    ScratchFolder& place_;
    const std::string disk_;
    std::vector<Entrant> entrants_;
};

}  // namespace tidemark::bench
