#include "io/worker.h"

#include "base/assert.h"

namespace tidemark::io {

Result<std::unique_ptr<Worker>> Worker::create(Ring& ring, size_t max_queued) {
    std::unique_ptr<Worker> worker(new Worker(max_queued));
    worker->wakeup_ = TM_TRY(Wakeup::create(ring, *worker));
    Worker* const self = worker.get();
    worker->thread_ = std::thread([self] { self->serve(); });
    return worker;
}

Worker::~Worker() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Job> Worker::submit(std::unique_ptr<Job> job) {
    if (pending_ >= max_queued_) return job;
    ++pending_;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        waiting_.push_back(std::move(job));
    }
    changed_.notify_one();
    return nullptr;
}

void Worker::serve() {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
        if (ending_) return;
        std::unique_ptr<Job> job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        job->run();
        lock.lock();
        done_.push_back(std::move(job));
        // One wake for all that finish before the loop looks.
        if (done_.size() == 1) wakeup_->wake();
    }
}

void Worker::on_wake() {
    std::vector<std::unique_ptr<Job>> finished;
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        finished.swap(done_);
    }
    for (std::unique_ptr<Job>& job : finished) {
        --pending_;
        job->finished();
        job.reset();
    }
}

}  // namespace tidemark::io
