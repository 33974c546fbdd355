package proof

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/certledger/certledger/domain"
)

// The kinds of dossier.
const (
	// DossierDecision is about one decision: every entry of its registration, and
	// of each other subject that was looked at so many as were there.
	DossierDecision = "decision"

	// DossierPerson is about a person: every entry of each of their registrations,
	// and what all the decisions on them looked at.
	DossierPerson = "person"
)

// What is read of a dossier at most.
const (
	DossierFilesMax = 200_000   // files
	DossierFileMax  = 4 << 20   // bytes of one file, but for OpeningMax
	DossierBytesMax = 256 << 20 // bytes of all files
)

// dossierForm is the version of the form that is written and read here.
const dossierForm = 1

// The names of a dossier's files.
const (
	dossierReadme     = "README.txt"
	dossierContents   = "dossier.json"
	dossierCheckpoint = "checkpoint"
	dossierHeads      = "heads"

	programmesFolder = "programmes"
	entriesFolder    = "entries"
	decisionsFolder  = "decisions"

	programmeEnd = ".yaml"
	entryEnd     = ".entry"
	leafFileEnd  = ".leaf"
	inclusionEnd = ".tlog-proof"
	recordEnd    = ".json"

	sequenceDigits = 12
	digestDigits   = 64
)

// File is one of a dossier's.
type File struct {
	Name    string // with slashes, like entries/000000000412.leaf
	Content []byte
}

// Files are a dossier, sorted by name. Every byte of each is bound by a signature
// of the log or made again from what is, so that a dossier with a byte changed is
// not one:
//
//	README.txt                     what this is, for people; made from all the rest
//	dossier.json                   what it is about, and how far each subject goes
//	checkpoint                     the log's signed statement of its tree
//	heads                          its signed statement of where the subjects stood then
//	programmes/<digest>.yaml       the rules, byte for byte as they were published
//	entries/<sequence>.entry       an entry as it was stored, sealed parts still sealed
//	entries/<sequence>.leaf        its leaf in the tree
//	entries/<sequence>.tlog-proof  the way from the leaf to the checkpoint
//	decisions/<decision>.json      a decision's record, as canonical JSON
//
// Two more are there where somebody was given sealed values, see Opening:
//
//	opened.json                    the values, and what was left closed and why
//	opened                         the log's signed statement of opened.json
//
// A sequence has 12 digits, a digest 64. There is nothing else in a dossier, and
// nothing in it that informs only. docs/verifying.md says what each file holds, to
// the byte.
type Files []File

// named finds a file.
func (f Files) named(name string) ([]byte, bool) {
	i, ok := slices.BinarySearchFunc(f, name, func(x File, name string) int { return strings.Compare(x.Name, name) })
	if !ok {
		return nil, false
	}
	return f[i].Content, true
}

// sort brings files into the order of their names.
func (f Files) sort() {
	slices.SortFunc(f, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
}

// check holds files to the names and sizes that a dossier may have.
func (f Files) check() *Failure {
	if len(f) > DossierFilesMax {
		return failed(CodeTooLarge, "dossier", "it has more than %d files", DossierFilesMax)
	}
	total := 0
	for i, x := range f {
		switch kind, _ := kindOf(x.Name); {
		case i > 0 && x.Name <= f[i-1].Name:
			return failed(CodeFiles, shown(x.Name), "it stands twice or is not in order")
		case kind == nil:
			return noSuchFile(x.Name)
		case len(x.Content) > mostOf(x.Name):
			return failed(CodeTooLarge, x.Name, "it is longer than %d bytes", mostOf(x.Name))
		}
		if total += len(x.Content); total > DossierBytesMax {
			return failed(CodeTooLarge, "dossier", "its files have more than %d bytes", DossierBytesMax)
		}
	}
	return nil
}

// mostOf is how many bytes a file may have.
func mostOf(name string) int {
	if name == dossierOpening {
		return OpeningMax
	}
	return DossierFileMax
}

func noSuchFile(name string) *Failure {
	return failed(CodeFiles, shown(name), "no dossier has a file of this name")
}

// The kinds of file: the name of one that stands at the top, and otherwise what
// stands before and after its key.
type fileKind struct {
	before, after string
	is            func(key string) bool
}

var (
	anEntry     = &fileKind{entriesFolder + "/", entryEnd, isSequence}
	aLeaf       = &fileKind{entriesFolder + "/", leafFileEnd, isSequence}
	anInclusion = &fileKind{entriesFolder + "/", inclusionEnd, isSequence}
	aRecord     = &fileKind{decisionsFolder + "/", recordEnd, domain.IsSlug}
	rulesOf     = &fileKind{programmesFolder + "/", programmeEnd, isDigest}
	atTheTop    = &fileKind{}
)

// kindOf tells what a name is of, and its key: the part that differs from file to
// file. Nil is a name that no file of a dossier has.
func kindOf(name string) (kind *fileKind, key string) {
	switch name {
	case dossierReadme, dossierContents, dossierCheckpoint, dossierHeads, dossierOpening, dossierOpeningNote:
		return atTheTop, name
	}
	for _, k := range [...]*fileKind{anEntry, aLeaf, anInclusion, aRecord, rulesOf} {
		if !strings.HasPrefix(name, k.before) || !strings.HasSuffix(name, k.after) || len(name) < len(k.before)+len(k.after) {
			continue
		}
		if key := name[len(k.before) : len(name)-len(k.after)]; k.is(key) {
			return k, key
		}
	}
	return nil, ""
}

// isSequence holds for the digits in which entryFile writes a sequence.
func isSequence(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && n > 0 && (len(s) == sequenceDigits || len(s) > sequenceDigits && s[0] != '0') && s[0] != '+'
}

func isDigest(s string) bool {
	return len(s) == digestDigits && !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'f') })
}

func entryFile(sequence uint64, end string) string {
	return fmt.Sprintf("%s/%0*d%s", entriesFolder, sequenceDigits, sequence, end)
}

func recordFile(decision string) string { return decisionsFolder + "/" + decision + recordEnd }

// programmeFile is the file of rules with a digest, which begins with "sha256:".
func programmeFile(digest string) string {
	return programmesFolder + "/" + strings.TrimPrefix(digest, "sha256:") + programmeEnd
}

// shown is a text of somebody else's as it may be printed.
func shown(text string) string {
	const most = 120 // bytes
	if len(text) > most {
		text = text[:most] + "…"
	}
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return strconv.QuoteToASCII(text)
	}
	return text
}
