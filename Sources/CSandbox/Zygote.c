#define _GNU_SOURCE
#include "CSandbox.h"

#include "Layers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PR_GET_TID_ADDRESS
#define PR_GET_TID_ADDRESS 40
#endif

int grapnel_namespace_error = ENOSYS;

int grapnel_prepare_zygote(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_IGN);
    sigset_t ended;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &ended, NULL) != 0) return -errno;
    int descriptor = signalfd(-1, &ended, SFD_NONBLOCK | SFD_CLOEXEC);
    return descriptor < 0 ? -errno : descriptor;
}

/// Forks into namespaces of its own, the process's included: the child is the first of it, and what it might start
/// ends with it. The C library has no fork for that, so the system call is made as the library would, with the place
/// where the library keeps the thread's number. The zygote has one thread, so nothing else needs its fork handlers.
static pid_t fork_into_namespaces(void) {
    int *number = NULL;
    if (prctl(PR_GET_TID_ADDRESS, &number, 0, 0, 0) != 0) return -1;
    const unsigned long flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC |
                                CLONE_NEWUTS | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
#if defined(__aarch64__)
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, 0ul, number);
#else
    return (pid_t)syscall(SYS_clone, flags, NULL, NULL, number, 0ul);
#endif
}

pid_t grapnel_fork_child(int *hub_end) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
    grapnel_namespace_error = 0;
    pid_t child = grapnel_is_left_out(GRAPNEL_LAYER_PROCESS_NAMESPACE) ? -1 : fork_into_namespaces();
    if (child < 0) {
        // Where that is not allowed a plain child takes on what it may of it by itself.
        grapnel_namespace_error = errno != 0 ? errno : EPERM;
        child = fork();
    }
    if (child < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return -error;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        // What an isolate might write to the hub's own output, or read from its input, is nobody's.
        const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        for (int file = 0; file < 3; file++) dup2(nowhere, file);
        dup2(pair[1], 3);
        syscall(SYS_close_range, 4u, ~0u, 0u);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        return 0;
    }
    close(pair[1]);
    *hub_end = pair[0];
    return child;
}

void grapnel_drain(int descriptor) {
    struct signalfd_siginfo information;
    while (read(descriptor, &information, sizeof(information)) > 0) {
    }
}

pid_t grapnel_reap(int *wait_status, uint64_t *cpu_microseconds, uint64_t *peak_kibibytes) {
    struct rusage usage;
    pid_t process;
    do {
        process = wait4(-1, wait_status, WNOHANG, &usage);
    } while (process < 0 && errno == EINTR);
    if (process <= 0) return 0;
    *cpu_microseconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
                        (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    *peak_kibibytes = (uint64_t)usage.ru_maxrss;
    return process;
}

void grapnel_kill(pid_t process) {
    if (process > 1) kill(process, SIGKILL);
}
