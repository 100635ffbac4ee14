// One helper thread for work on private bytes: freeing a big object, reading ahead, compressing.
// Jobs run in order. A job owns everything that it touches; no live object of the keyspace is ever
// read here.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "io/wakeup.h"

namespace tidemark::io {

class Job {
public:
    virtual ~Job() = default;
    virtual void run() = 0;       // on the helper's thread
    virtual void finished() = 0;  // on the loop's thread, after run(); the job is freed then
};

class Worker final : private Wakeup::Listener {
public:
    static constexpr size_t kMaxQueuedDefault = 1024;

    // `max_queued`: jobs that were taken and have not finished, those that wait for finished()
    // included.
    static Result<std::unique_ptr<Worker>> create(Ring& ring,
                                                  size_t max_queued = kMaxQueuedDefault);
    // Waits for the job that is running; those behind it are freed without having run.
    ~Worker() override;
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // Takes the job and returns null, or gives it back when the queue is full: then the caller does
    // the work itself.
    [[nodiscard]] std::unique_ptr<Job> submit(std::unique_ptr<Job> job);
    // Jobs taken and not finished.
    size_t pending() const { return pending_; }

private:
    explicit Worker(size_t max_queued) : max_queued_(max_queued) {}
    void serve();
    void on_wake() override;

    const size_t max_queued_;
    size_t pending_ = 0;  // loop's thread only
    std::unique_ptr<Wakeup> wakeup_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::unique_ptr<Job>> waiting_;  // these three under the mutex
    std::vector<std::unique_ptr<Job>> done_;
    bool ending_ = false;

    std::thread thread_;
};

}  // namespace tidemark::io
