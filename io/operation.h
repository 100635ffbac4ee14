// What waits for a completion. An Operation is a member of the component that waits, never a heap
// closure; its address is the submission's user_data, so it must stay alive and in place until the
// last completion has come in, also when its owner is closing.
#pragma once

#include <cstdint>

namespace tidemark::io {

struct Completion {
    int32_t result;  // as the system call would return it, or -errno
    uint32_t flags;  // IORING_CQE_F_*
};

struct Operation {
    using Handler = void (*)(Operation& self, Completion completion);

    Handler on_complete = nullptr;
    Handler on_peek = nullptr;  // see Ring::peek
    void* owner = nullptr;      // whatever the handler needs to find its way back
    bool in_flight = false;  // set by whoever submits, cleared before the handler of the last one

    template <class Owner, void (Owner::*Method)(Completion)>
    void bind(Owner* target) {
        owner = target;
        on_complete = [](Operation& self, Completion completion) {
            (static_cast<Owner*>(self.owner)->*Method)(completion);
        };
    }
    template <class Owner, void (Owner::*Method)(Completion)>
    void bind_peek() {
        on_peek = [](Operation& self, Completion completion) {
            (static_cast<Owner*>(self.owner)->*Method)(completion);
        };
    }
};

}  // namespace tidemark::io
