#define _GNU_SOURCE
#include "Misbehaviour.h"

#include "CSandbox.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUN = 2, READY = 16, CALL = 20, SEND = 24, LOG = 25, RESULT = 26 };

static void put(const void *bytes, size_t count) {
    size_t sent = 0;
    while (sent < count) {
        const ssize_t written = write(3, (const char *)bytes + sent, count - sent);
        if (written <= 0) _exit(0);
        sent += (size_t)written;
    }
}

static void head(unsigned char kind, uint32_t id, uint32_t size) {
    unsigned char bytes[9] = {size & 255, size >> 8 & 255, size >> 16 & 255, size >> 24 & 255, kind,
                              id & 255,   id >> 8 & 255,   id >> 16 & 255,   id >> 24 & 255};
    put(bytes, sizeof(bytes));
}

static void frame(unsigned char kind, uint32_t id, const char *text) {
    head(kind, id, (uint32_t)strlen(text));
    put(text, strlen(text));
}

static void get(void *bytes, size_t count) {
    size_t got = 0;
    while (got < count) {
        const ssize_t read_now = read(3, (char *)bytes + got, count - got);
        if (read_now <= 0) _exit(0);
        got += (size_t)read_now;
    }
}

/// Waits for a run as an isolate does.
static void await_run(void) {
    for (;;) {
        unsigned char bytes[9];
        get(bytes, sizeof(bytes));
        uint32_t size = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
        char *payload = malloc(size + 1);
        if (!payload) _exit(1);
        get(payload, size);
        free(payload);
        if (bytes[4] == RUN) return;
    }
}

static void ready(void) {
    static const unsigned char none[4 * GRAPNEL_LAYER_COUNT];
    head(READY, 0, sizeof(none));
    put(none, sizeof(none));
}

static void misbehave(const char *way) {
    ready();
    await_run();
    if (!strcmp(way, "oversized")) head(RESULT, 0, 0xFFFFFFFFu);
    if (!strcmp(way, "endless")) {
        head(RESULT, 0, 8u << 20);
        static char block[65536];
        memset(block, 'x', sizeof(block));
        for (;;) put(block, sizeof(block));
    }
    if (!strcmp(way, "truncated")) {
        head(RESULT, 0, 100);
        put("{", 1);
        _exit(0);
    }
    if (!strcmp(way, "kind")) head(99, 0, 0);
    if (!strcmp(way, "hub-kind")) frame(RUN, 0, "");
    if (!strcmp(way, "ready-again")) ready();
    if (!strcmp(way, "no-json")) frame(CALL, 1, "{\"connection\":");
    if (!strcmp(way, "deep")) {
        static char text[200001];
        memset(text, '[', sizeof(text) - 1);
        frame(RESULT, 0, text);
    }
    if (!strcmp(way, "flood")) {
        static char text[4096] = "{\"level\":\"info\",\"message\":\"";
        const size_t begun = strlen(text);
        memset(text + begun, 'x', 4000);
        strcpy(text + begun + 4000, "\"}");
        for (;;) frame(LOG, 0, text);
    }
    if (!strcmp(way, "foreign")) {
        // Who it is, what run it has and what it may call are the hub's to know: what it says of them counts for nothing.
        frame(SEND, 7, "{\"connection\":\"stripe\",\"operation\":\"refund\",\"input\":{},\"tenant\":\"other\",\"run\":\"run_1\"}");
        frame(RESULT, 4711, "\"done\"");
    }
    if (!strcmp(way, "twice")) {
        frame(RESULT, 0, "\"first\"");
        frame(RESULT, 0, "\"second\"");
    }
    for (;;) pause();
}

static void answer(uint32_t token, pid_t child, int socket) {
    unsigned char message[13] = {'f'};
    memcpy(message + 1, &token, 4);
    const uint32_t number = (uint32_t)child;
    memcpy(message + 5, &number, 4);
    grapnel_send_message(3, message, sizeof(message), socket);
}

static void reap(void) {
    int status;
    uint64_t cpu, peak;
    pid_t child;
    while ((child = grapnel_reap(&status, &cpu, &peak)) > 0) {
        unsigned char message[25] = {'x'};
        memcpy(message + 1, &child, 4);
        memcpy(message + 5, &status, 4);
        memcpy(message + 9, &cpu, 8);
        memcpy(message + 17, &peak, 8);
        grapnel_send_message(3, message, sizeof(message), -1);
    }
}

int misbehave_as_zygote(void) {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) return 70;
    path[length] = 0;
    const char *way = strstr(path, "misbehave-");
    if (!way) return 64;
    way += strlen("misbehave-");
    const int ended = grapnel_prepare_zygote();
    grapnel_send_message(3, "r", 1, -1);
    for (;;) {
        struct pollfd polled[2] = {{.fd = 3, .events = POLLIN}, {.fd = ended, .events = POLLIN}};
        if (poll(polled, 2, -1) < 0 && errno != EINTR) return 71;
        if (polled[1].revents) {
            grapnel_drain(ended);
            reap();
        }
        if (!polled[0].revents) continue;
        unsigned char message[64];
        int descriptor = -1;
        const ssize_t count = grapnel_receive_message(3, message, sizeof(message), &descriptor);
        if (count <= 0) return 0;
        if (message[0] == 'K') {
            pid_t child;
            memcpy(&child, message + 1, 4);
            grapnel_kill(child);
        }
        if (message[0] == 'F') {
            uint32_t token;
            memcpy(&token, message + 1, 4);
            int socket = -1;
            const pid_t child = grapnel_fork_child(&socket);
            if (child == 0) misbehave(way);
            answer(token, child, socket);
            if (socket >= 0) close(socket);
        }
    }
}
