#define _GNU_SOURCE
#include "Layers.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

/// What the engine's allocator reserves at a time: it must be able to once, or the process dies of a small request.
/// Reserved pages cost nothing until they are touched, and the hub watches what is resident.
static const uint64_t allocator_chunk = 80u << 20;

static uint32_t left_out;

void grapnel_leave_out(uint32_t layers) { left_out = layers; }

bool grapnel_is_left_out(enum grapnel_layer layer) { return (left_out >> layer) & 1u; }

/// Takes a layer on, unless a test wants it away.
#define TAKE(layer, call) \
    do { \
        if (grapnel_is_left_out(layer)) { \
            errors[layer] = ECANCELED; \
        } else { \
            errors[layer] = (call) == 0 ? 0 : errno; \
        } \
    } while (0)

// MARK: Namespaces

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

static int drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[2] = {{0}};
    return (int)syscall(SYS_capset, &header, none);
}

static void enter_namespaces(int errors[GRAPNEL_LAYER_COUNT]) {
    if (grapnel_namespace_error == 0) {
        errors[GRAPNEL_LAYER_USER_NAMESPACE] = 0;
        errors[GRAPNEL_LAYER_PROCESS_NAMESPACE] = 0;
        errors[GRAPNEL_LAYER_NETWORK_NAMESPACE] = 0;
        errors[GRAPNEL_LAYER_IPC_NAMESPACE] = 0;
        TAKE(GRAPNEL_LAYER_MOUNT_NAMESPACE, empty_root());
        return;
    }
    errors[GRAPNEL_LAYER_PROCESS_NAMESPACE] = grapnel_namespace_error;
    TAKE(GRAPNEL_LAYER_USER_NAMESPACE, unshare(CLONE_NEWUSER));
    TAKE(GRAPNEL_LAYER_MOUNT_NAMESPACE, unshare(CLONE_NEWNS) != 0 ? -1 : empty_root());
    TAKE(GRAPNEL_LAYER_NETWORK_NAMESPACE, unshare(CLONE_NEWNET));
    TAKE(GRAPNEL_LAYER_IPC_NAMESPACE, unshare(CLONE_NEWIPC));
}

// MARK: Limits

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

static int limit(int resource, uint64_t value) {
    const struct rlimit pair = {value, value};
    return setrlimit((__rlimit_resource_t)resource, &pair);
}

static int limit_resources(void) {
    // A limit of processes does not bind the system's own user; the namespace of processes does.
    return limit(RLIMIT_CORE, 0) | limit(RLIMIT_FSIZE, 0) | limit(RLIMIT_MEMLOCK, 0) | limit(RLIMIT_MSGQUEUE, 0);
}

static int limit_memory(uint64_t data, uint64_t budget) {
    if (data == 0) {
        errno = ENOENT;
        return -1;
    }
    return limit(RLIMIT_DATA, data + budget + allocator_chunk);
}

// MARK: Ends

static timer_t cpu_timer;
static bool has_cpu_timer;
static char signal_stack[16384];

/// Ends the process as one whose time is over. A handler, because the first process of a namespace ignores what its
/// own timers send it unhandled.
static void end_of_time(int number) {
    (void)number;
    _exit(GRAPNEL_EXIT_CPU);
}

/// Says which system call was refused, and ends the process.
static void end_by_call(int number, siginfo_t *information, void *context) {
    (void)number;
    (void)context;
    const uint32_t call = (uint32_t)information->si_syscall;
    const unsigned char frame[] = {
        4, 0, 0, 0, GRAPNEL_FRAME_FORBIDDEN, 0, 0, 0, 0, call & 255, call >> 8 & 255, call >> 16 & 255, call >> 24};
    if (write(3, frame, sizeof(frame)) < 0) _exit(GRAPNEL_EXIT_SYSCALL);
    _exit(GRAPNEL_EXIT_SYSCALL);
}

static int handle_ends(void) {
    const stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
    if (sigaltstack(&stack, NULL) != 0) return -1;
    struct sigaction time = {.sa_handler = end_of_time, .sa_flags = SA_ONSTACK};
    struct sigaction call = {.sa_sigaction = end_by_call, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigfillset(&time.sa_mask);
    // A forbidden call of the handler itself must not come back to it: the system ends the process then.
    sigemptyset(&call.sa_mask);
    return sigaction(SIGXCPU, &time, NULL) | sigaction(SIGSYS, &call, NULL);
}

static int make_timer(void) {
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGXCPU};
    const int result = timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &cpu_timer);
    has_cpu_timer = result == 0;
    return result;
}

void grapnel_enter_sandbox(uint64_t memory_budget, int errors[GRAPNEL_LAYER_COUNT]) {
    // Read while /proc is still there.
    const uint64_t data = data_size();
    enter_namespaces(errors);
    TAKE(GRAPNEL_LAYER_CAPABILITIES, drop_capabilities());
    // The keyring of the session that started the hub is inherited like a descriptor.
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    TAKE(GRAPNEL_LAYER_RESOURCE_LIMITS, limit_resources());
    TAKE(GRAPNEL_LAYER_MEMORY_LIMIT, limit_memory(data, memory_budget));
    TAKE(GRAPNEL_LAYER_CPU_TIMER, handle_ends() | make_timer());
    TAKE(GRAPNEL_LAYER_NO_NEW_PRIVILEGES, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    TAKE(GRAPNEL_LAYER_UNDUMPABLE, prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

void grapnel_seal_sandbox(int errors[GRAPNEL_LAYER_COUNT]) {
    if (grapnel_is_left_out(GRAPNEL_LAYER_LANDLOCK)) {
        errors[GRAPNEL_LAYER_LANDLOCK] = ECANCELED;
    } else {
        errors[GRAPNEL_LAYER_LANDLOCK] = grapnel_restrict_by_landlock();
    }
    // Beside the filter's own rule, where the kernel (6.3) has it; where not, the filter stands alone.
    if (!grapnel_allows_code) prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
    // After Landlock, which needs a descriptor of its own for a moment.
    if (!grapnel_is_left_out(GRAPNEL_LAYER_RESOURCE_LIMITS) && limit(RLIMIT_NOFILE, 4) != 0) {
        errors[GRAPNEL_LAYER_RESOURCE_LIMITS] = errno;
    }
    if (grapnel_is_left_out(GRAPNEL_LAYER_SECCOMP)) {
        errors[GRAPNEL_LAYER_SECCOMP] = ECANCELED;
    } else {
        errors[GRAPNEL_LAYER_SECCOMP] = grapnel_load_filter();
    }
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
