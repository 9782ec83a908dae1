/* page.h - facts about a document beyond its id. [pure] */
#ifndef PLUGIN_RANKING_PAGE_H
#define PLUGIN_RANKING_PAGE_H
#include <stdbool.h>
#include "common/arena.h"
#include "common/json.h"

/* The form in which two addresses of one page are equal: scheme and fragment dropped,
 * host in lower case without "www." and default port, path without a trailing slash,
 * no tracking parameters (utm_*, ref, fbclid, gclid), the others in order. *host is
 * borrowed from it. False: not http or https, or out of memory. */
bool ranking_page_url(plg_arena *a, assay_bytes url, assay_bytes *canonical, assay_bytes *host);

/* Seconds since 1970 from a number or from RFC 3339 ("2025-02-28T22:00:00Z", with
 * fraction and offset; without an offset: UTC). */
bool ranking_page_time(const plg_json *v, double *out);
#endif
