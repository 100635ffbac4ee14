#include "io/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <functional>

#include "tests/io/make_ring.h"

using namespace tidemark;
using io::Ring;
using io::Worker;

namespace {

struct Wakes final : io::Wakeup::Listener {
    void on_wake() override { ++count; }
    int count = 0;
};

class Call final : public io::Job {
public:
    Call(std::function<void()> run, std::function<void()> finished)
        : run_(std::move(run)), finished_(std::move(finished)) {}
    void run() override { run_(); }
    void finished() override { finished_(); }

private:
    std::function<void()> run_;
    std::function<void()> finished_;
};

std::unique_ptr<io::Job> call(std::function<void()> run, std::function<void()> finished) {
    return std::make_unique<Call>(std::move(run), std::move(finished));
}

}  // namespace

TEST_CASE("io/wakeup: another thread wakes a waiting loop, again and again") {
    auto ring = make_ring();
    Wakes wakes;
    auto wakeup = io::Wakeup::create(*ring, wakes);
    REQUIRE(wakeup.has_value());
    for (int i = 1; i <= 20; ++i) {
        std::thread other([&wakeup] { (*wakeup)->wake(); });
        while (wakes.count < i) ring->turn(Ring::Wait::kForCompletion);
        other.join();
    }
    CHECK(wakes.count == 20);
}

TEST_CASE("io/worker: jobs run elsewhere in order and finish on the loop's thread") {
    auto ring = make_ring();
    auto worker = Worker::create(*ring);
    REQUIRE(worker.has_value());
    const auto loop = std::this_thread::get_id();
    std::vector<int> ran;  // touched by the helper only, until its job has finished
    std::vector<int> finished;
    for (int i = 0; i < 100; ++i) {
        REQUIRE((*worker)->submit(call(
                    [&ran, loop, i] {
                        if (std::this_thread::get_id() != loop) ran.push_back(i);
                    },
                    [&finished, loop, i] {
                        if (std::this_thread::get_id() == loop) finished.push_back(i);
                    })) == nullptr);
    }
    while ((*worker)->pending() > 0) ring->turn(Ring::Wait::kForCompletion);
    REQUIRE(ran.size() == 100);
    CHECK(std::is_sorted(ran.begin(), ran.end()));
    CHECK(finished == ran);
}

TEST_CASE("io/worker: a full queue gives the job back") {
    auto ring = make_ring();
    auto worker = Worker::create(*ring, 2);
    REQUIRE(worker.has_value());
    std::atomic<bool> go{false};
    const auto wait = [&go] {
        while (!go) std::this_thread::yield();
    };
    CHECK((*worker)->submit(call(wait, [] {})) == nullptr);
    CHECK((*worker)->submit(call(wait, [] {})) == nullptr);
    auto refused = (*worker)->submit(call([] {}, [] {}));
    REQUIRE(refused != nullptr);
    go = true;
    while ((*worker)->pending() > 0) ring->turn(Ring::Wait::kForCompletion);
    CHECK((*worker)->submit(std::move(refused)) == nullptr);
    while ((*worker)->pending() > 0) ring->turn(Ring::Wait::kForCompletion);
}

TEST_CASE("io/worker: its end waits for the running job and frees the others") {
    auto ring = make_ring();
    auto alive = std::make_shared<int>(0);
    std::atomic<bool> started{false};
    bool ran_to_end = false;
    {
        auto worker = Worker::create(*ring);
        REQUIRE(worker.has_value());
        REQUIRE((*worker)->submit(call(
                    [&started, &ran_to_end, alive] {
                        started = true;
                        std::this_thread::sleep_for(std::chrono::milliseconds(20));
                        ran_to_end = true;
                    },
                    [] {})) == nullptr);
        for (int i = 0; i < 5; ++i) REQUIRE((*worker)->submit(call([alive] {}, [] {})) == nullptr);
        while (!started) std::this_thread::yield();
    }
    CHECK(ran_to_end);
    CHECK(alive.use_count() == 1);
}
