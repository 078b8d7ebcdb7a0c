#define _GNU_SOURCE
// Stands in for the zygote: forks a child into the very sandbox that isolates have, and lets it try to get out.
//
//   sandbox-probe <allows JIT: 0 or 1> <layers left out: a number> <file> <port> <abstract socket> <segment>
//
// prints a line for each attempt: its name, a tab, `refused`, `killed` or `escaped`, a tab, and what happened.

#include "Attempts.h"
#include "CSandbox.h"
#include "Misbehaviour.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/// Reads what the child and whatever outlives it say, until nobody can say anything any more.
static size_t hear(int socket, char *text, size_t capacity) {
    size_t heard = 0;
    struct pollfd polled = {.fd = socket, .events = POLLIN};
    while (heard < capacity - 1 && poll(&polled, 1, 1000) > 0) {
        const ssize_t count = read(socket, text + heard, capacity - 1 - heard);
        if (count <= 0) break;
        heard += (size_t)count;
    }
    text[heard] = 0;
    return heard;
}

static void judge(const struct attempt *attempt, int status, const char *heard, size_t size) {
    char name[64];
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    // The frame that names a forbidden call: its kind is the fifth byte, the number follows the id.
    if (code == GRAPNEL_EXIT_SYSCALL && size >= 13 && heard[4] == GRAPNEL_FRAME_FORBIDDEN) {
        const unsigned char *number = (const unsigned char *)heard + 9;
        const int call = number[0] | number[1] << 8 | number[2] << 16 | number[3] << 24;
        if (!grapnel_name_of_call(call, name, sizeof(name))) snprintf(name, sizeof(name), "call %d", call);
        printf("%s\tkilled\t%s\n", attempt->name, name);
    } else if (strstr(heard, "survived")) {
        printf("%s\tescaped\tit outlived the isolate\n", attempt->name);
    } else if (WIFSIGNALED(status) && WCOREDUMP(status)) {
        printf("%s\tescaped\tit left a core\n", attempt->name);
    } else if (WIFSIGNALED(status)) {
        printf("%s\tkilled\t%s\n", attempt->name, strsignal(WTERMSIG(status)));
    } else if (size >= 2 && heard[0] == 'e') {
        const int error = atoi(heard + 1);
        if (error == EINPROGRESS) {
            printf("%s\trefused\tit ended with the isolate\n", attempt->name);
        } else {
            printf("%s\trefused\t%s\n", attempt->name, strerrorname_np(error));
        }
    } else {
        printf("%s\tescaped\texit %d\n", attempt->name, code);
    }
}

static void try(const struct attempt *attempt, const struct target *target) {
    int socket = -1;
    const pid_t child = grapnel_fork_child(&socket);
    if (child == 0) {
        int errors[GRAPNEL_LAYER_COUNT];
        grapnel_enter_sandbox(64u << 20, errors);
        grapnel_seal_sandbox(errors);
        errno = 0;
        const int error = attempt->run(target);
        if (error == 0) _exit(0);
        char line[16] = {'e'};
        int length = 1;
        for (int rest = error, scale = 1000; scale > 0; scale /= 10) line[length++] = (char)('0' + rest / scale % 10);
        if (write(3, line, (size_t)length) < 0) _exit(1);
        _exit(1);
    }
    if (child < 0) {
        printf("%s\tescaped\tthere was no isolate\n", attempt->name);
        return;
    }
    int status = 0;
    waitpid(child, &status, 0);
    char heard[256];
    const size_t size = hear(socket, heard, sizeof(heard));
    close(socket);
    judge(attempt, status, heard, size);
}

int main(int count, char *arguments[]) {
    if (count == 1) return misbehave_as_zygote();
    if (count != 7) return 64;
    const int allows_jit = atoi(arguments[1]);
    grapnel_leave_out((uint32_t)strtoul(arguments[2], NULL, 0));
    const struct target target = {
        .parent = getpid(),
        .file = arguments[3],
        .port = atoi(arguments[4]),
        .abstract_socket = arguments[5],
        .segment = atoi(arguments[6]),
    };
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (grapnel_build_filter(allows_jit, false) != 0) return 72;
    for (size_t index = 0; index < attempts_count; index++) {
        if (attempts[index].without_jit_only && allows_jit) continue;
        try(&attempts[index], &target);
    }
    return 0;
}
