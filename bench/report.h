// Collects what a benchmark finds and writes it: tables on the terminal (report.cc), JSON
// (report_json.cc), a page (report_page.cc).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bench/findings.h"

namespace tidemark::bench {

class Report {
public:
    // A run of a numbered row, for the figures of the row.
    struct Run {
        int row;
        std::string what;
        Series series;
    };
    // A line about the machine or the options.
    using Fact = std::pair<std::string, std::string>;

    void fact(std::string name, std::string value) { facts_.emplace_back(name, value); }
    void add(Figure figure) { figures_.push_back(std::move(figure)); }
    void add(int row, std::string what, const Series& series);
    void add(CellRun run) { cells_.push_back(std::move(run)); }
    void add(DiskFigure figure) { disks_.push_back(std::move(figure)); }
    void add(LossRow row) { losses_.push_back(std::move(row)); }
    // Something that ought to have run did not; the exit status will say so, too.
    void failed(const std::string& what, const std::string& why);
    void note(std::string text) { notes_.push_back(std::move(text)); }

    const std::vector<Fact>& facts() const { return facts_; }
    const std::vector<Figure>& figures() const { return figures_; }
    const std::vector<Run>& runs() const { return runs_; }
    const std::vector<CellRun>& cells() const { return cells_; }
    const std::vector<DiskFigure>& disks() const { return disks_; }
    const std::vector<LossRow>& losses() const { return losses_; }
    const std::vector<std::string>& notes() const { return notes_; }
    bool any_failed() const { return any_failed_; }

    // Commits a second of a bare prefilled overwrite, which no log can beat; 0 when unknown.
    double limit_of(const std::string& disk) const;
    // Share of what the disk allows so many clients, each of whom can have at most `pipeline`
    // writes in one commit; 0 when there is no such limit (other policies, reads).
    double share_of_limit(const CellRun& run) const;

    // Everything, tables last that matter most.
    void print() const;
    Status write_json(const std::string& path) const;
    Status write_page(const std::string& path, const std::string& title) const;

private:
    void print_runs() const;
    void print_figures() const;
    void print_disks() const;
    void print_cells() const;
    void print_losses() const;

    std::vector<Fact> facts_;
    std::vector<Figure> figures_;
    std::vector<Run> runs_;
    std::vector<CellRun> cells_;
    std::vector<DiskFigure> disks_;
    std::vector<LossRow> losses_;
    std::vector<std::string> notes_;
    bool any_failed_ = false;
};

// Writes a whole file.
Status write_whole_file(const std::string& path, std::string_view text);

// A page of the findings.
std::string findings_page(const Report& report, const std::string& title);
// The same as JSON.
std::string findings_json(const Report& report);

}  // namespace tidemark::bench
