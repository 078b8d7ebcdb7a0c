#ifndef GRAPNEL_CONNECTORS_H
#define GRAPNEL_CONNECTORS_H

#include <stddef.h>

// A file of the repository's folder connectors, as it was when the program was built.
typedef struct {
    // Below connectors/, such as "github/provider.yaml".
    const char *path;
    const unsigned char *bytes;
    size_t count;
} grapnel_connector_file;

// The files of all vendors that Grapnel ships, in the order of their paths.
const grapnel_connector_file *grapnel_connector_files(size_t *count);

#endif
