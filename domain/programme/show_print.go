package programme

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown is the document for a page: headings, clauses as quotations, what
// rests in tables as tables.
func (d *Document) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", escaped(d.Title))
	fmt.Fprintf(&b, "`%s` version %d, %s\n", d.Programme, d.Version, d.Digest)
	for _, c := range d.Chapters {
		fmt.Fprintf(&b, "\n## %s\n", c.Title)
		switch {
		case c.grid:
			gridMarkdown(&b, c.Items)
		case c.short():
			b.WriteString("\n")
			for _, i := range c.Items {
				b.WriteString(shortMarkdown(i))
			}
		default:
			for _, i := range c.Items {
				i.markdown(&b, c)
			}
		}
	}
	return b.String()
}

// short tells whether every item is a name with at most a sentence.
func (c Chapter) short() bool {
	for _, i := range c.Items {
		if len(i.Lines) > 0 || len(i.Items) > 0 {
			return false
		}
	}
	return true
}

// alone tells whether the chapter is one item that the chapter is named after.
func (c Chapter) alone() bool {
	return len(c.Items) == 1 && (c.Key == "programme" || c.Key == "classes" || c.Key == "modules")
}

func shortMarkdown(i Item) string {
	if i.Lead == "" {
		return "- `" + i.Key + "`\n"
	}
	return "- `" + i.Key + "`: " + escaped(i.Lead) + "\n"
}

func (i Item) markdown(b *strings.Builder, c Chapter) {
	if !c.alone() {
		fmt.Fprintf(b, "\n### `%s`\n", i.Key)
	}
	if i.Lead != "" {
		fmt.Fprintf(b, "\n> %s\n", escaped(i.Lead))
	}
	if len(i.Lines) > 0 {
		b.WriteString("\n")
	}
	for _, l := range i.Lines {
		fmt.Fprintf(b, "- **%s:** %s\n", l.Label, escaped(l.Says))
	}
	if len(i.Lines) == 0 && len(i.Items) > 0 {
		b.WriteString("\n")
	}
	for n, child := range i.Items {
		child.nested(b, c.ordered, n+1, "")
	}
}

// nested is an item below another, as an entry of a list.
func (i Item) nested(b *strings.Builder, ordered bool, n int, indent string) {
	mark := "- "
	if ordered {
		mark = fmt.Sprintf("%d. ", n)
	}
	fmt.Fprintf(b, "%s%s`%s`", indent, mark, i.Key)
	if i.Lead != "" {
		b.WriteString(": " + escaped(i.Lead))
	}
	b.WriteString("\n")
	deeper := indent + strings.Repeat(" ", len(mark))
	for _, l := range i.Lines {
		fmt.Fprintf(b, "%s- **%s:** %s\n", deeper, l.Label, escaped(l.Says))
	}
	for n, child := range i.Items {
		child.nested(b, ordered, n+1, deeper)
	}
}

// columns are the lines that some item has: each after the one that it follows
// in the first item that has it.
func columns(items []Item) []Line {
	var out []Line
	for _, i := range items {
		at := 0
		for _, l := range i.Lines {
			if n := slices.IndexFunc(out, func(c Line) bool { return c.Key == l.Key }); n >= 0 {
				at = n + 1
				continue
			}
			out = slices.Insert(out, at, Line{Key: l.Key, Label: l.Label})
			at++
		}
	}
	return out
}

func (i Item) line(key string) string {
	for _, l := range i.Lines {
		if l.Key == key {
			return l.Says
		}
	}
	return ""
}

func gridMarkdown(b *strings.Builder, items []Item) {
	head, rule := "| Name |", "|---|"
	of := columns(items)
	for _, c := range of {
		head, rule = head+" "+c.Label+" |", rule+"---|"
	}
	fmt.Fprintf(b, "\n%s\n%s\n", head, rule)
	for _, i := range items {
		fmt.Fprintf(b, "| `%s` |", i.Key)
		for _, c := range of {
			fmt.Fprintf(b, " %s |", escaped(i.line(c.Key)))
		}
		b.WriteString("\n")
	}
}

// escaped keeps text from being taken for Markdown.
func escaped(s string) string {
	return markdownSigns.Replace(strings.Join(strings.Fields(s), " "))
}

var markdownSigns = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "#", `\#`, "&", `\&`,
)

// Text is the document for a terminal.
func (d *Document) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s version %d, %s\n", d.Title, d.Programme, d.Version, d.Digest)
	for _, c := range d.Chapters {
		fmt.Fprintf(&b, "\n%s\n", strings.ToUpper(c.Title))
		for n, i := range c.Items {
			if n > 0 && !c.short() {
				b.WriteString("\n")
			}
			indent := "  "
			if c.alone() {
				i.Key, indent = "", ""
			}
			i.text(&b, indent)
		}
	}
	return b.String()
}

func (i Item) text(b *strings.Builder, indent string) {
	switch {
	case i.Key != "" && i.Lead != "":
		fmt.Fprintf(b, "%s%s: %s\n", indent, i.Key, i.Lead)
	case i.Key != "":
		fmt.Fprintf(b, "%s%s\n", indent, i.Key)
	}
	for _, l := range i.Lines {
		fmt.Fprintf(b, "%s  %s: %s\n", indent, l.Label, l.Says)
	}
	for _, child := range i.Items {
		child.text(b, indent+"  ")
	}
}
