#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// MARK: Both sides

int grapnel_send_message(int socket, const void *bytes, size_t count, int descriptor) {
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.space;
        message.msg_controllen = sizeof(control.space);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

ssize_t grapnel_receive_message(int socket, void *bytes, size_t capacity, int *descriptor) {
    *descriptor = -1;
    struct iovec part = {.iov_base = bytes, .iov_len = capacity};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)};
    ssize_t count;
    do {
        count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
        memcpy(descriptor, CMSG_DATA(header), sizeof(int));
    }
    return count;
}

// MARK: Hub

int grapnel_spawn_zygote(const char *path, char *const environment[], pid_t *process, int *control) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return errno;
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return error;
    }
    // Between vfork and exec only calls that are safe there: the hub has many threads.
    char *const arguments[] = {(char *)"grapnel-isolate", NULL};
    volatile int failure = 0;
    pid_t child = vfork();
    if (child == 0) {
        if (dup2(null, 0) < 0 || dup2(null, 1) < 0 || (pair[1] == 3 ? fcntl(3, F_SETFD, 0) : dup2(pair[1], 3)) < 0) {
            failure = errno;
            _exit(127);
        }
        syscall(SYS_close_range, 4u, ~0u, 0u);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        execve(path, arguments, environment);
        failure = errno;
        _exit(127);
    }
    int error = child < 0 ? errno : failure;
    close(null);
    close(pair[1]);
    if (error != 0) {
        close(pair[0]);
        if (child > 0) waitpid(child, NULL, 0);
        return error;
    }
    *process = child;
    *control = pair[0];
    return 0;
}

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

// MARK: Zygote

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

static scmp_filter_ctx filter;

int grapnel_build_filter(bool allows_jit) {
    filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter) return ENOMEM;
    // What JavaScriptCore uses after its warm-up, and no more; found by tracing, and to be traced again with each new
    // version of the engine.
    static const int allowed[] = {
        SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(munmap),
        SCMP_SYS(madvise), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(sched_yield),
        SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(getrandom),
        SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigsuspend),
        SCMP_SYS(sigaltstack), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(getpid), SCMP_SYS(gettid),
        SCMP_SYS(sched_getaffinity), SCMP_SYS(restart_syscall), SCMP_SYS(sysinfo), SCMP_SYS(rseq),
        SCMP_SYS(set_robust_list), SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(getrusage),
        // Arms the timer for the next run. Code that has taken over the process could arm it later; the hub's own
        // wall deadline bounds that.
        SCMP_SYS(timer_settime),
    };
    for (size_t index = 0; index < sizeof(allowed) / sizeof(allowed[0]); index++) {
        int error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[index], 0);
        if (error != 0) return -error;
    }
    // Refused politely, because the C library and the engine ask and can live without.
    static const int refused[] = {
        SCMP_SYS(openat), SCMP_SYS(newfstatat), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access),
        SCMP_SYS(prctl), SCMP_SYS(sched_setscheduler), SCMP_SYS(setpriority), SCMP_SYS(fstat), SCMP_SYS(prlimit64),
        SCMP_SYS(getdents64), SCMP_SYS(statfs), SCMP_SYS(uname), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
    };
    for (size_t index = 0; index < sizeof(refused) / sizeof(refused[0]); index++) {
        int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOENT), refused[index], 0);
        if (error != 0) return -error;
    }
    int error = 0;
    if (allows_jit) {
        error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 0);
        error |= seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 0);
    } else {
        error |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
        error |= seccomp_rule_add(
            filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    return error;
}

pid_t grapnel_fork_child(int *hub_end) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) return -errno;
    pid_t child = fork();
    if (child < 0) {
        int error = errno;
        close(pair[0]);
        close(pair[1]);
        return -error;
    }
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
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

// MARK: Child

static void note(int errors[], enum grapnel_layer layer, int result) {
    errors[layer] = result == 0 ? 0 : errno;
}

/// Leaves nothing of the file system: an empty, read-only root of its own.
static int empty_root(void) {
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return -1;
    if (mount("none", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,nr_inodes=2") != 0) {
        return -1;
    }
    if (chdir("/tmp") != 0) return -1;
    if (syscall(SYS_pivot_root, ".", ".") != 0) return -1;
    return umount2(".", MNT_DETACH);
}

/// What the engine's allocator reserves at a time: it must be able to once, or the process dies of a small request.
/// Reserved pages cost nothing until they are touched, and the hub watches what is resident.
static const uint64_t allocator_chunk = 80u << 20;

static uint64_t data_size(void) {
    int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[4096];
    ssize_t count = read(file, text, sizeof(text) - 1);
    close(file);
    if (count <= 0) return 0;
    text[count] = 0;
    const char *line = strstr(text, "VmData:");
    return line ? strtoull(line + 7, NULL, 10) * 1024u : 0;
}

static timer_t cpu_timer;
static bool has_cpu_timer;

void grapnel_enter_sandbox(uint64_t memory_budget, int errors[GRAPNEL_LAYER_COUNT]) {
    // Read while /proc is still there.
    uint64_t data = data_size();

    note(errors, GRAPNEL_LAYER_USER_NAMESPACE, unshare(CLONE_NEWUSER));
    if (unshare(CLONE_NEWNS) != 0) {
        errors[GRAPNEL_LAYER_MOUNT_NAMESPACE] = errno;
    } else {
        note(errors, GRAPNEL_LAYER_MOUNT_NAMESPACE, empty_root());
    }
    note(errors, GRAPNEL_LAYER_NETWORK_NAMESPACE, unshare(CLONE_NEWNET));
    note(errors, GRAPNEL_LAYER_IPC_NAMESPACE, unshare(CLONE_NEWIPC));

    const struct rlimit none = {0, 0};
    int failed = setrlimit(RLIMIT_CORE, &none);
    failed |= setrlimit(RLIMIT_FSIZE, &none);
    failed |= setrlimit(RLIMIT_MEMLOCK, &none);
    note(errors, GRAPNEL_LAYER_RESOURCE_LIMITS, failed);

    if (data == 0) {
        errors[GRAPNEL_LAYER_MEMORY_LIMIT] = ENOENT;
    } else {
        const uint64_t limit = data + memory_budget + allocator_chunk;
        const struct rlimit memory = {limit, limit};
        note(errors, GRAPNEL_LAYER_MEMORY_LIMIT, setrlimit(RLIMIT_DATA, &memory));
    }

    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGKILL};
    int timer = timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &cpu_timer);
    has_cpu_timer = timer == 0;
    note(errors, GRAPNEL_LAYER_CPU_TIMER, timer);

    note(errors, GRAPNEL_LAYER_NO_NEW_PRIVILEGES, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    note(errors, GRAPNEL_LAYER_UNDUMPABLE, prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

static int landlock_deny_all(void) {
    // Every right of the first version of the interface: what is handled and granted nowhere is denied everywhere.
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = (1ull << 13) - 1};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0u);
    if (ruleset < 0) return -1;
    int result = (int)syscall(SYS_landlock_restrict_self, ruleset, 0u);
    int error = errno;
    close(ruleset);
    errno = error;
    return result;
}

void grapnel_seal_sandbox(int errors[GRAPNEL_LAYER_COUNT]) {
    note(errors, GRAPNEL_LAYER_LANDLOCK, landlock_deny_all());
    // After Landlock, which needs a descriptor of its own for a moment.
    const struct rlimit few = {4, 4};
    if (setrlimit(RLIMIT_NOFILE, &few) != 0) errors[GRAPNEL_LAYER_RESOURCE_LIMITS] = errno;
    if (!filter) {
        errors[GRAPNEL_LAYER_SECCOMP] = ENOSYS;
        return;
    }
    errors[GRAPNEL_LAYER_SECCOMP] = -seccomp_load(filter);
}

void grapnel_arm_cpu_timer(uint64_t microseconds) {
    if (!has_cpu_timer) return;
    const struct itimerspec time = {
        .it_value = {.tv_sec = (time_t)(microseconds / 1000000u), .tv_nsec = (long)(microseconds % 1000000u) * 1000}};
    timer_settime(cpu_timer, 0, &time, NULL);
}

bool grapnel_random(void *bytes, size_t count) {
    size_t filled = 0;
    while (filled < count) {
        ssize_t got = getrandom((char *)bytes + filled, count - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        filled += (size_t)got;
    }
    return true;
}

uint64_t grapnel_monotonic_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}
