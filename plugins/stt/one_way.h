/* one_way: a number that can be written in several ways, after its words have become
 * digits, in one of them. */
#ifndef STT_ONE_WAY_H
#define STT_ONE_WAY_H
#include "common/text.h"

/* "$9.00" is "$9", "$1.5" is "$1.50", ".5" is "0.5", "may 29th" is "may 29", "6 30" is
 * "630", and more than six digits that are no round number are told digit by digit, as
 * one tells a telephone number. cp NULL when out of memory. */
plg_text stt_one_way(plg_arena *a, plg_text t);

#endif
