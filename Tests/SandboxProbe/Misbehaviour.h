#ifndef GRAPNEL_MISBEHAVIOUR_H
#define GRAPNEL_MISBEHAVIOUR_H

/// Serves a hub as the zygote does, with children that break the protocol. The way is the end of this program's name,
/// behind `misbehave-`.
int misbehave_as_zygote(void);

#endif
