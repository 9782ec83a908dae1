/* page.c - addresses and times as they come from the web. */
#include "page.h"
#include <stdlib.h>
#include <string.h>

#define MAX_URL 2048
#define MAX_PARAMETERS 64

static bool starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool is_tracking(const char *p)
{
	return starts(p, "utm_") || starts(p, "ref=") || starts(p, "fbclid=") || starts(p, "gclid=");
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends the parameters that say which page it is, in order. query is cut up. */
static char *add_query(char *end, char *query)
{
	char *part[MAX_PARAMETERS], *save = NULL;
	size_t n = 0;
	for (char *p = strtok_r(query, "&", &save); p != NULL && n < MAX_PARAMETERS;
		 p = strtok_r(NULL, "&", &save))
		if (!is_tracking(p))
			part[n++] = p;
	if (n > 0)
		qsort(part, n, sizeof *part, by_text);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(part[i]);
		*end++ = i == 0 ? '?' : '&';
		memcpy(end, part[i], len);
		end += len;
	}
	return end;
}

/* The host of an address without its scheme; where the path begins. */
static char *copy_host(char *to, const char **from)
{
	const char *p = *from, *end = p + strcspn(p, "/?");
	char *begin = to;
	if (end - p > 4 && lower(p[0]) == 'w' && lower(p[1]) == 'w' && lower(p[2]) == 'w' &&
		p[3] == '.')
		p += 4;
	while (p < end)
		*to++ = lower(*p++);
	if (to - begin > 3 && memcmp(to - 3, ":80", 3) == 0)
		to -= 3;
	else if (to - begin > 4 && memcmp(to - 4, ":443", 4) == 0)
		to -= 4;
	*from = end;
	return to;
}

bool ranking_page_url(plg_arena *a, assay_bytes url, assay_bytes *canonical, assay_bytes *host)
{
	char *text, *out;
	if (url.len < 9 || url.len > MAX_URL || memchr(url.ptr, 0, (size_t)url.len) != NULL)
		return false;
	text = plg_arena_take(a, (size_t)url.len + 1, 1);
	out = plg_arena_take(a, (size_t)url.len + 2, 1);
	if (text == NULL || out == NULL)
		return false;
	memcpy(text, url.ptr, (size_t)url.len);
	for (size_t i = 0; i < 6; i++)
		text[i] = lower(text[i]);
	size_t scheme = starts(text, "https://") ? 8 : starts(text, "http://") ? 7 : 0;
	text[strcspn(text, "#")] = '\0';
	if (scheme == 0 || strlen(text) <= scheme)
		return false;
	const char *p = text + scheme;
	char *end = copy_host(out, &p);
	*host = (assay_bytes){(const uint8_t *)out, (uint64_t)(end - out)};
	size_t path = strcspn(p, "?");
	char *query = p[path] == '?' ? text + (p - text) + path + 1 : NULL;
	while (path > 0 && p[path - 1] == '/')
		path--;
	memcpy(end, p, path);
	end += path;
	if (query != NULL)
		end = add_query(end, query);
	*canonical = (assay_bytes){(const uint8_t *)out, (uint64_t)(end - out)};
	return host->len > 0;
}

/* ---- times ---- */

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool digits(const char **p, int n, int64_t min, int64_t max, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < n; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return *out >= min && *out <= max;
}

static bool mark(const char **p, const char *any)
{
	if (**p == '\0' || strchr(any, **p) == NULL)
		return false;
	(*p)++;
	return true;
}

/* "", "Z" or "+hh:mm", to the end. */
static bool offset(const char *p, int64_t *seconds)
{
	int64_t h, m, sign = *p == '-' ? -1 : 1;
	*seconds = 0;
	if (*p == '\0' || strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
		return true;
	if (!mark(&p, "+-") || !digits(&p, 2, 0, 23, &h) || !mark(&p, ":") ||
		!digits(&p, 2, 0, 59, &m) || *p != '\0')
		return false;
	*seconds = sign * (h * 3600 + m * 60);
	return true;
}

static bool rfc3339(const char *p, double *out)
{
	int64_t y, mo, d, h, mi, s, shift;
	double fraction = 0, unit = 1;
	if (!digits(&p, 4, 1, 9999, &y) || !mark(&p, "-") || !digits(&p, 2, 1, 12, &mo) ||
		!mark(&p, "-") || !digits(&p, 2, 1, 31, &d) || !mark(&p, "Tt ") ||
		!digits(&p, 2, 0, 23, &h) || !mark(&p, ":") || !digits(&p, 2, 0, 59, &mi) ||
		!mark(&p, ":") || !digits(&p, 2, 0, 60, &s))
		return false;
	if (mark(&p, "."))
		for (; *p >= '0' && *p <= '9'; p++)
			fraction += (*p - '0') * (unit /= 10);
	if (!offset(p, &shift))
		return false;
	*out = (double)(days(y, mo, d) * 86400 + h * 3600 + mi * 60 + s - shift) + fraction;
	return true;
}

bool ranking_page_time(const plg_json *v, double *out)
{
	char text[64];
	assay_bytes s;
	if (plg_json_num(v, out))
		return true;
	if (!plg_json_str(v, &s) || s.len >= sizeof text)
		return false;
	memcpy(text, s.ptr, (size_t)s.len);
	text[s.len] = '\0';
	return strlen(text) == s.len && rfc3339(text, out);
}
