#include "tools/aof_check/parallel.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace tidemark::aof_check {

namespace {

class FirstError {
public:
    void note(const Error& error) {
        const std::lock_guard lock(mutex_);
        if (!error_) error_ = error;
        is_set_ = true;
    }
    bool is_set() const { return is_set_; }
    Status status() const { return error_ ? Status(fail(*error_)) : Status(); }

private:
    std::mutex mutex_;
    std::optional<Error> error_;
    std::atomic<bool> is_set_ = false;
};

}  // namespace

Status for_each_in_parallel(size_t count, unsigned jobs, const std::function<Status(size_t)>& work,
                            const std::function<Status(size_t)>& between) {
    std::atomic<size_t> next = 0;
    std::atomic<size_t> done = 0;
    FirstError error;
    const auto run = [&](const std::function<Status(size_t)>& after) {
        for (size_t i = next++; i < count && !error.is_set(); i = next++) {
            if (const Status status = work(i); !status) error.note(status.error());
            ++done;
            if (const Status status = after(done); !status) error.note(status.error());
        }
    };
    const size_t helpers =
        std::min<size_t>(jobs, count) > 1 ? std::min<size_t>(jobs, count) - 1 : 0;
    std::vector<std::thread> threads;
    threads.reserve(helpers);
    for (size_t i = 0; i < helpers; ++i)
        threads.emplace_back([&] { run([](size_t) { return Status(); }); });
    run(between);
    for (std::thread& thread : threads) thread.join();
    return error.status();
}

}  // namespace tidemark::aof_check
