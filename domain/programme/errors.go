package programme

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An Error is one mistake in a programme's source.
type Error struct {
	Line, Column int    // both from 1, the column in characters; 0 where no place is known
	Excerpt      string // the source line
	Path         string // the keys that lead there: requirements/practicum-time/at-least
	Message      string
	Hint         string // what to write instead, or empty
}

// Error is the mistake as one line, without the source.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

const excerptRunesMax = 100

// Format is the mistake as a compiler shows it: place and message, the source
// line with a caret, the path, a hint. The file's name is put before the place
// unless it is empty.
func (e *Error) Format(file string) string {
	var b strings.Builder
	if file != "" {
		b.WriteString(file + ":")
		if e.Line == 0 {
			b.WriteString(" ")
		}
	}
	b.WriteString(e.Error() + "\n")
	if e.Excerpt != "" {
		line, caret := clip([]rune(e.Excerpt), e.Column-1)
		number := strconv.Itoa(e.Line)
		gutter := strings.Repeat(" ", len(number))
		fmt.Fprintf(&b, "  %s | %s\n", number, string(line))
		fmt.Fprintf(&b, "  %s | %s^\n", gutter, blanks(line, caret))
	}
	if e.Path != "" {
		b.WriteString("  in " + e.Path + "\n")
	}
	if e.Hint != "" {
		b.WriteString("  hint: " + e.Hint + "\n")
	}
	return b.String()
}

// clip shortens a long line to the part around at.
func clip(line []rune, at int) ([]rune, int) {
	at = max(0, min(at, len(line)))
	if len(line) <= excerptRunesMax {
		return line, at
	}
	start := max(0, min(at-excerptRunesMax/2, len(line)-excerptRunesMax))
	part := slices.Clone(line[start : start+excerptRunesMax])
	if start > 0 {
		part[0] = '…'
	}
	if start+excerptRunesMax < len(line) {
		part[len(part)-1] = '…'
	}
	return part, at - start
}

// blanks is white space as wide as the first n characters of line.
func blanks(line []rune, n int) string {
	out := make([]rune, n)
	for i := range out {
		out[i] = ' '
		if i < len(line) && line[i] == '\t' {
			out[i] = '\t'
		}
	}
	return string(out)
}

// Errors are the mistakes in one source, in its order, at most ErrorsMax.
type Errors []*Error

// Error lists all mistakes, as Format without a file's name.
func (es Errors) Error() string { return strings.TrimSuffix(es.Format(""), "\n") }

// Format shows all mistakes, each as Error.Format does, a blank line between them.
func (es Errors) Format(file string) string {
	shown := make([]string, len(es))
	for i, e := range es {
		shown[i] = e.Format(file)
	}
	return strings.Join(shown, "\n")
}

// Unwrap gives the single mistakes to errors.As and errors.Is.
func (es Errors) Unwrap() []error {
	out := make([]error, len(es))
	for i, e := range es {
		out[i] = e
	}
	return out
}

// shown are the errors in the order of their places, at most ErrorsMax and a
// count of the rest.
func (es Errors) shown() Errors {
	slices.SortStableFunc(es, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(es) - ErrorsMax; more > 0 {
		return append(es[:ErrorsMax:ErrorsMax], &Error{Message: fmt.Sprintf("and %d more mistakes", more)})
	}
	return es
}
