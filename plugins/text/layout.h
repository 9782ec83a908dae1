/* layout: a text without the marks that only arrange it: headings, bullets, numbered lines,
 * quotes, emphasis, fences, rules, links, the tags of simple HTML, marks of language models. */
#ifndef TXT_LAYOUT_H
#define TXT_LAYOUT_H
#include "common/text.h"

/* cp NULL when out of memory. Line ends stay. */
plg_text txt_without_layout(plg_arena *a, plg_text t);

#endif
