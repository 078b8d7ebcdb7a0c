#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

int grapnel_wakeup(void) {
    int descriptor = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

int grapnel_poller(void) { return epoll_create1(EPOLL_CLOEXEC); }

static void control(int poller, int operation, int file, uint64_t subject, bool also_writable) {
    struct epoll_event event = {.events = EPOLLIN | (also_writable ? EPOLLOUT : 0), .data.u64 = subject};
    epoll_ctl(poller, operation, file, &event);
}

void grapnel_poller_add(int poller, int file, uint64_t subject) {
    control(poller, EPOLL_CTL_ADD, file, subject, false);
}

void grapnel_poller_change(int poller, int file, uint64_t subject, bool also_writable) {
    control(poller, EPOLL_CTL_MOD, file, subject, also_writable);
}

void grapnel_poller_remove(int poller, int file) { epoll_ctl(poller, EPOLL_CTL_DEL, file, NULL); }

int grapnel_poller_wait(int poller, grapnel_ready *ready, int count, int milliseconds) {
    struct epoll_event events[64];
    int found = epoll_wait(poller, events, count < 64 ? count : 64, milliseconds);
    for (int index = 0; index < found; index++) {
        ready[index].subject = events[index].data.u64;
        ready[index].readable = (events[index].events & ~(uint32_t)EPOLLOUT) != 0;
        ready[index].writable = (events[index].events & EPOLLOUT) != 0;
    }
    return found > 0 ? found : 0;
}
