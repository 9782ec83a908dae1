/* Pages: whatever the labels are, the data on the page is one JSON document that cannot
 * end its element, and says the labels again. */
#include <stdlib.h>
#include <string.h>
#include "research/plot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const asy_buf *page)
{
	static const char begin[] = "id=\"data\">";
	const uint8_t *from = memmem(page->ptr, page->len, begin, sizeof begin - 1);
	asy_json *doc = NULL;
	ASSERT(from != NULL);
	from += sizeof begin - 1;
	const uint8_t *to = memchr(from, '<', page->len - (size_t)(from - page->ptr));
	ASSERT(to != NULL && memcmp(to, "</script>", 9) == 0);
	ASSERT(asy_json_parse(asy_span(from, (size_t)(to - from)), NULL, &doc, NULL) == ASSAY_OK);
	ASSERT(asy_jv_size(asy_jv_get(asy_json_root(doc), "blocks")) == 5);
	asy_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	asy_buf page = {0};
	plot p;
	double y[4] = {0};
	char text[200];
	size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
	for (size_t i = 0; i < n; i++)
		text[i] = (char)data[i];
	text[n] = '\0';
	memcpy(y, data, size < sizeof y ? size : sizeof y);
	plot_begin(&p, &page, text);
	plot_heading(&p, text);
	plot_facts_begin(&p);
	plot_fact(&p, text, "%s", text);
	plot_facts_end(&p);
	const plot_series s = {.y = y, .n = 4, .hint = text, .label = text};
	const plot_key key = {text, 1};
	const plot_mark mark = {y[0], text, text};
	const plot_lines l = {text, text, text, y[0], y[1],  y[2], y[3],
						  &s,   1,    &key, 1,    &mark, 1,    false};
	plot_draw_lines(&p, &l);
	const plot_heat h = {.title = text,
						 .x_name = text,
						 .y_name = text,
						 .scale_name = text,
						 .x_n = 2,
						 .y_n = 2,
						 .value = y,
						 .low = y[0],
						 .high = y[1]};
	plot_draw_heat(&p, &h);
	const char *const head[] = {text};
	plot_table_begin(&p, head, 1);
	plot_table_row(&p);
	plot_cell(&p, "%s", text);
	plot_table_end(&p);
	ASSERT(plot_end(&p, NULL) == ASSAY_OK);
	check(&page);
	asy_buf_fini(&page);
	return 0;
}
