// What the parts of the sandbox share.
#ifndef GRAPNEL_LAYERS_H
#define GRAPNEL_LAYERS_H

#include "CSandbox.h"

/// Whether a test has asked for a sandbox without this layer.
bool grapnel_is_left_out(enum grapnel_layer layer);

/// Why the child was not forked into namespaces of its own; 0 when it was.
extern int grapnel_namespace_error;

/// Whether pages may become executable.
extern bool grapnel_allows_code;

/// Denies every right to files, TCP, abstract sockets and signals that this kernel's Landlock knows. 0, or an error
/// number.
int grapnel_restrict_by_landlock(void);

/// Loads the filter of `grapnel_build_filter`. 0, or an error number.
int grapnel_load_filter(void);

#endif
