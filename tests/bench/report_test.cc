// Tests of bench/cells.cc, bench/findings.cc and the report's writers, without a server.
#include "bench/report.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>

#include <algorithm>

#include "bench/cells.h"

using namespace tidemark::bench;

namespace {

FsyncOptions small_options() {
    FsyncOptions options;
    options.clients = {50, 1};
    options.pipelines = {1, 16};
    options.values = {64, 1'024};
    options.reads = {0, 50};
    options.readers = {Readers::kSame, Readers::kSeparate};
    return options;
}

CellRun always_run(int clients, double ops) {
    CellRun run;
    run.cell.disk = "this disk";
    run.cell.clients = clients;
    run.series.server = "ours";
    run.series.ops_per_s = {ops};
    run.series.writes.record(1'000'000, 100);
    run.series.log.writes = 100;
    return run;
}

DiskFigure limit(double per_s) {
    DiskFigure figure;
    figure.disk = "this disk";
    figure.use = DiskUse::kOverwrite;
    figure.per_s = per_s;
    return figure;
}

}  // namespace

TEST_CASE("bench/cells: one axis moves at a time, and no point comes twice") {
    const auto cells = plan_cells(small_options(), "d", Persistence::kAlways);
    // The base, another count of clients, pipeline, value, and half reads on same and other ones.
    CHECK(cells.size() == 6);
    for (const Cell& cell : cells) CHECK(std::count(cells.begin(), cells.end(), cell) == 1);
    CHECK(cells.front().clients == 50);
}

TEST_CASE("bench/cells: crossed, every combination is there") {
    FsyncOptions options = small_options();
    options.spread = Spread::kCross;
    const auto cells = plan_cells(options, "d", Persistence::kAlways);
    // 2 clients * 2 pipelines * 2 values, times no reads, half reads, and half reads apart (which
    // takes more than one client).
    CHECK(cells.size() == 2 * 2 * (2 + 2 + 1));
}

TEST_CASE("bench/cells: readers apart are other connections, and none writes what is read") {
    Cell cell;
    cell.reads_percent = 50;
    cell.readers = Readers::kSeparate;
    const auto lanes = lanes_of(cell, {{0, 10}, {1'000, 10}});
    REQUIRE(lanes.size() == 2);
    CHECK(lanes[0].verb == Verb::kSet);
    CHECK(lanes[0].keys.first == 1'000);
    CHECK(lanes[1].verb == Verb::kGet);
    CHECK(lanes[1].keys.first == 0);
    CHECK(lanes[0].connections + lanes[1].connections == 50);
}

TEST_CASE("bench/report: a result is a share of the bare disk's commits, times what one carries") {
    Report report;
    report.add(limit(1'000));
    CHECK(report.share_of_limit(always_run(1, 550)) == doctest::Approx(0.55));
    CHECK(report.share_of_limit(always_run(10, 5'000)) == doctest::Approx(0.5));
    CellRun unlimited = always_run(1, 550);
    unlimited.cell.policy = Persistence::kNo;
    CHECK(report.share_of_limit(unlimited) == 0);
}

TEST_CASE("bench/report: JSON and page name a server as it is called, whatever that is") {
    Report report;
    CellRun run = always_run(1, 10);
    run.series.server = "<b>\"evil\"</b>";
    run.cell.rate = 0;
    report.add(run);
    report.failed("<i>it</i>", "\"so\"");
    rapidjson::Document json;
    json.Parse(findings_json(report).c_str());
    REQUIRE_FALSE(json.HasParseError());
    CHECK(json["cells"][0]["server"].GetString() == run.series.server);
    CHECK(json["cells"][0]["writes"]["count"].GetUint64() == 100);
    const std::string page = findings_page(report, "t");
    CHECK(page.find("<b>\"") == std::string::npos);
    CHECK(page.find("&lt;i&gt;it") != std::string::npos);
    CHECK(report.any_failed());
}

TEST_CASE("bench/report: an empty report can be written") {
    rapidjson::Document json;
    json.Parse(findings_json(Report{}).c_str());
    CHECK_FALSE(json.HasParseError());
    CHECK(findings_page(Report{}, "t").find("</html>") != std::string::npos);
}

TEST_CASE("bench/findings: units of time are chosen by size") {
    CHECK(duration_text(12'345) == "12 us");
    CHECK(duration_text(1'250'000) == "1.25 ms");
    CHECK(duration_text(2.5e9) == "2.50 s");
}
