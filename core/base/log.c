/* The log sink: one line per event, text for people or JSON for machines. Bytes
 * from strangers are escaped and cut; they are never a format. */
#include <math.h>
#include <time.h>
#include "base/base.h"

static const char *const level_names[] = {"debug", "info", "unusual", "broken"};

static void write_json_string(FILE *out, const char *s)
{
	(void)fputc('"', out);
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else if (c < 0x20)
			(void)fprintf(out, "\\u%04x", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

static void write_value(FILE *out, const asy_field *f, bool json)
{
	char text[160];
	switch (f->kind) {
	case 1:
		if (json || strpbrk(f->v.s, " =\"\n\t") != NULL)
			write_json_string(out, f->v.s);
		else
			(void)fputs(f->v.s, out);
		break;
	case 2:
		(void)fprintf(out, "%" PRId64, f->v.i);
		break;
	case 3:
		(void)fprintf(out, "%" PRIu64, f->v.u);
		break;
	case 4:
		/* JSON has no nan or inf */
		if (json && !(f->v.d - f->v.d == 0.0))
			(void)fputs("null", out);
		else
			(void)fprintf(out, json ? "%.9g" : "%.6g", f->v.d); /* people read fewer digits */
		break;
	case 5:
		asy_str_escape(text, sizeof text, f->v.b);
		write_json_string(out, text);
		break;
	}
}

static bool has_value(const asy_field *f)
{
	switch (f->kind) {
	case 1:
		return f->v.s != NULL && f->v.s[0] != '\0';
	case 4:
		return !isnan(f->v.d);
	case 5:
		return f->v.b.len > 0;
	case 6:
		return false;
	default:
		return true;
	}
}

static void write_time(asy_logger *lg, bool json)
{
	char text[40];
	struct tm tm;
	uint64_t ns = lg->clock->real_ns(lg->clock);
	time_t s = (time_t)(ns / 1000000000u);
	if (gmtime_r(&s, &tm) == NULL)
		return;
	size_t n = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(text + n, sizeof text - n, ".%03uZ", (unsigned)(ns / 1000000u % 1000u));
	(void)fprintf(lg->out, json ? "\"time\":\"%s\"," : "%s ", text);
}

static void write_field(const asy_logger *lg, const asy_field *f)
{
	if (!has_value(f))
		return;
	(void)fprintf(lg->out, lg->json ? ",\"%s\":" : " %s=", f->key);
	write_value(lg->out, f, lg->json);
}

static void write_context(const asy_logger *lg)
{
	const asy_field fields[] = {
		ASY_IF(lg->task != NULL && lg->task[0] != '\0', ASY_STR("task", lg->task)),
		ASY_IF(lg->round != 0, ASY_U64("round", lg->round)),
		ASY_IF(lg->submission != 0, ASY_U64("submission", lg->submission)),
	};
	for (size_t i = 0; i < ASY_COUNT(fields); i++)
		write_field(lg, &fields[i]);
}

void asy_log_emit(asy_logger *lg, asy_level level, const char *event, ...)
{
	va_list ap;
	if (lg == NULL)
		return;
	(void)__atomic_fetch_add(&lg->counts[level], 1, __ATOMIC_RELAXED);
	if (level < lg->least || lg->out == NULL)
		return;
	flockfile(lg->out);
	if (lg->json)
		(void)fputc('{', lg->out);
	if (lg->clock != NULL)
		write_time(lg, lg->json);
	(void)fprintf(lg->out, lg->json ? "\"level\":\"%s\",\"event\":\"%s\"" : "%-7s %s",
				  level_names[level], event);
	write_context(lg);
	va_start(ap, event);
	for (asy_field f = va_arg(ap, asy_field); f.kind != 0; f = va_arg(ap, asy_field))
		write_field(lg, &f);
	va_end(ap);
	(void)fputs(lg->json ? "}\n" : "\n", lg->out);
	(void)fflush(lg->out);
	funlockfile(lg->out);
}

bool asy_complain_due(asy_complaint *c)
{
	c->seen++;
	return (c->seen & (c->seen - 1)) == 0;
}

void asy_complain_release(asy_complaint *c)
{
	c->seen = 0;
}
