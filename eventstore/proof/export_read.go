package proof

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/certledger/certledger/domain"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	exportPart   = "export"
	readAtOnce   = 1 << 20 // bytes
	toldEvery    = 1 << 14 // entries between two words on progress
	decisionType = "decision.recorded.v1"
	recordedForm = "2006-01-02T15:04:05.000Z"
	wrapMiddle   = `,"stored":`
)

// exportIndex is where in an export each entry stands, and whose it is.
type exportIndex struct {
	offsets   []int64  // of the stored bytes
	lengths   []uint32 // of the stored bytes
	of        []uint32 // place of the subject in subjects
	subjects  []domain.Subject
	places    map[domain.Subject]uint32
	order     []uint32 // entries from 0, by subject and then by sequence
	starts    []uint32 // where in order each subject begins, and where the last ends
	decisions []uint32 // entries from 0
	tree      Tree
}

const nobodys = ^uint32(0) // the subject of an entry that does not read

func (x *exportIndex) count() uint64 { return uint64(len(x.offsets)) }

// entriesOf are the entries of a subject, from 0.
func (x *exportIndex) entriesOf(place uint32) []uint32 {
	return x.order[x.starts[place]:x.starts[place+1]]
}

// leaf is the hash of an entry's leaf in the tree.
func (x *exportIndex) leaf(sequence uint64) Hash {
	return x.tree.hashes[tlog.StoredHashIndex(0, LeafIndex(sequence))]
}

// add takes the next entry.
func (x *exportIndex) add(offset int64, payload []byte, of uint32) {
	x.tree.Append(LeafHash(x.count()+1, sha256.Sum256(payload)))
	x.offsets = append(x.offsets, offset)
	x.lengths = append(x.lengths, uint32(len(payload)))
	x.of = append(x.of, of)
}

// place is the number of a subject.
func (x *exportIndex) place(subject []byte) uint32 {
	if at, ok := x.places[domain.Subject(subject)]; ok {
		return at
	}
	at := uint32(len(x.subjects))
	x.subjects = append(x.subjects, domain.Subject(subject))
	x.places[x.subjects[at]] = at
	return at
}

// sort finds the entries of each subject.
func (x *exportIndex) sort() {
	x.starts = make([]uint32, len(x.subjects)+1)
	for _, of := range x.of {
		if of != nobodys {
			x.starts[of+1]++
		}
	}
	for i := range x.subjects {
		x.starts[i+1] += x.starts[i]
	}
	next := slices.Clone(x.starts)
	x.order = make([]uint32, x.starts[len(x.subjects)])
	for i, of := range x.of {
		if of != nobodys {
			x.order[next[of]] = uint32(i)
			next[of]++
		}
	}
}

// reader reads an export from its first line to its last.
type reader struct {
	v        *exportVerifier
	in       *bufio.Reader
	at       int64 // of the next line
	wrapped  bool  // hash and sequence stand around each entry
	source   string
	recorded [len(recordedForm)]byte // time of the entry before, which sorts as text
	seed     maphash.Seed
	ids      []uint64 // hashes of identifiers

	unreadable int // lines so far that are no entries
}

// read takes in every line, and finds what entries share.
func (v *exportVerifier) read(ctx context.Context) error {
	v.index.places = map[domain.Subject]uint32{}
	r := &reader{v: v, in: bufio.NewReaderSize(io.NewSectionReader(v.Lines, 0, v.Size), int(min(v.Size, readAtOnce))), seed: maphash.MakeSeed()}
	var line []byte
	for {
		var err error
		line, err = r.line(line[:0])
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		r.take(line)
		if n := v.index.count(); r.unreadable > ExportUnreadableMax {
			return r.ends(n, failed(CodeTooLarge, entryAt(n), "more than %d lines do not read as entries: the rest was not read", ExportUnreadableMax))
		}
		if n := v.index.count(); n%toldEvery == 0 {
			v.told(ExportReading, uint64(r.at)-v.done, uint64(v.Size))
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	if v.index.count() == 0 {
		v.fail(afterAll, failed(CodeShort, exportPart, "there is no entry in it"))
	}
	v.told(ExportReading, uint64(v.Size)-v.done, uint64(v.Size))
	v.done = 0
	v.index.sort()
	v.report.Ledger = strings.TrimPrefix(r.source, sourcePrefix)
	return r.twice(ctx)
}

// line reads one, without its newline. A failure ends the reading.
func (r *reader) line(room []byte) ([]byte, error) {
	next := r.v.index.count() + 1
	for {
		part, err := r.in.ReadSlice('\n')
		room = append(room, part...)
		switch {
		case err == nil:
		case errors.Is(err, bufio.ErrBufferFull) && len(room) <= ExportLineMax:
			continue
		case errors.Is(err, io.EOF) && len(room) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, r.ends(next, failed(CodeShort, entryAt(next), "its line does not end: was the export cut short?"))
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, fmt.Errorf("read the export: %w", err)
		}
		if len(room) > ExportLineMax {
			return nil, r.ends(next, failed(CodeTooLarge, entryAt(next), "its line is longer than %d bytes", ExportLineMax))
		}
		if next > ExportEntriesMax {
			return nil, r.ends(next, failed(CodeTooLarge, exportPart, "it has more than %d entries", uint64(ExportEntriesMax)))
		}
		return room[:len(room)-1], nil
	}
}

// ends is a failure after which nothing more can be read.
func (r *reader) ends(sequence uint64, f *Failure) error {
	r.v.fail(sequence, f)
	return f
}

// take looks at the next line.
func (r *reader) take(line []byte) {
	sequence, begin := r.v.index.count()+1, r.at
	r.at += int64(len(line)) + 1
	if sequence == 1 {
		r.wrapped = bytes.HasPrefix(line, []byte(`{"sequence":`))
	}
	payload, ahead, failure := line, 0, (*Failure)(nil)
	if r.wrapped {
		payload, ahead, failure = unwrap(line, sequence)
	}
	if failure == nil {
		failure = r.entry(payload, begin+int64(ahead), sequence)
	} else {
		r.skip(begin, line)
	}
	if failure != nil {
		r.v.fail(sequence, failure)
	}
}

// skip takes a line into the index that is no entry.
func (r *reader) skip(offset int64, payload []byte) {
	r.v.index.add(offset, payload, nobodys)
	r.unreadable++
}

// unwrap takes the stored bytes out of a line, and where in it they begin.
func unwrap(line []byte, sequence uint64) ([]byte, int, *Failure) {
	where := entryAt(sequence)
	head, rest, ok := bytes.Cut(line, []byte(wrapMiddle))
	payload, closed := bytes.CutSuffix(rest, []byte("}"))
	if !ok || !closed {
		return nil, 0, failed(CodeEntry, where, "its line is not {\"sequence\":…,\"hash\":…,\"stored\":…}")
	}
	begin := `{"sequence":` + strconv.FormatUint(sequence, 10) + `,"hash":"`
	hash, ok := strings.CutPrefix(string(head), begin)
	if !ok {
		return nil, 0, failed(CodeShort, where, "its line has another number: one is missing, stands twice, or the export does not begin with entry 1")
	}
	if hash != domain.HashOf(payload)+`"` {
		return nil, 0, failed(CodeEntry, where, "its bytes have another hash than its line says")
	}
	return payload, len(head) + len(wrapMiddle), nil
}

// entry takes the stored bytes of the next entry into the index.
func (r *reader) entry(payload []byte, offset int64, sequence uint64) *Failure {
	e, ok := scan(payload)
	if !ok {
		decoded, failure := decodeEntry(sequence, payload)
		if failure != nil {
			r.skip(offset, payload)
			return failure
		}
		e = scannedOf(&decoded, payload)
	}
	x := &r.v.index
	if bytes.Equal(e.kind, []byte(decisionType)) {
		x.decisions = append(x.decisions, uint32(sequence-1))
	}
	x.add(offset, payload, x.place(e.subject))
	r.ids = append(r.ids, maphash.Bytes(r.seed, e.id))
	if sequence == 1 {
		r.source = string(e.source)
		r.v.report.From = readTime(e.recorded)
	}
	r.v.report.Until = readTime(e.recorded)
	before := r.recorded
	copy(r.recorded[:], e.recorded)
	id, isOurs := strings.CutPrefix(string(e.source), sourcePrefix)
	switch {
	case !isOurs || !domain.IsSlug(id) || string(e.source) != r.source:
		return failed(CodeForeign, entryAt(sequence), "it is of another ledger")
	case bytes.Compare(e.recorded, before[:]) < 0:
		return failed(CodeTime, entryAt(sequence), "it was recorded before the entry that stands before it")
	}
	return nil
}

func readTime(recorded []byte) time.Time {
	t, _ := time.Parse(recordedForm, string(recorded)) // as it was decoded
	return t
}

// twice names an entry whose identifier another one has.
func (r *reader) twice(ctx context.Context) error {
	slices.Sort(r.ids)
	again := map[uint64]bool{}
	for i := 1; i < len(r.ids); i++ {
		if r.ids[i] == r.ids[i-1] {
			again[r.ids[i]] = true
		}
	}
	r.ids = nil
	if len(again) == 0 {
		return nil
	}
	known := map[string]bool{}
	for sequence := uint64(1); sequence <= r.v.index.count(); sequence++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		payload, err := r.v.payload(sequence, nil)
		if err != nil {
			return err
		}
		e, ok := scan(payload)
		if !ok {
			decoded, failure := decodeEntry(sequence, payload)
			if failure != nil {
				continue
			}
			e = scannedOf(&decoded, payload)
		}
		if !again[maphash.Bytes(r.seed, e.id)] {
			continue
		}
		if known[string(e.id)] {
			r.v.fail(sequence, failed(CodeTwice, entryAt(sequence), "another entry has its identifier"))
		}
		known[string(e.id)] = true
	}
	return nil
}

// scanned is what an entry says of itself before its data.
type scanned struct{ id, kind, source, subject, recorded []byte }

// scan reads the beginning of an entry that stands as domain.Encode writes it. What
// it finds is what decoding finds: a field of this place stands nowhere else, or
// the entry does not decode, which is seen later.
func scan(payload []byte) (e scanned, ok bool) {
	var version, happened []byte
	rest := payload
	for _, f := range [...]struct {
		lead string
		into *[]byte
	}{
		{`{"specversion":"`, &version},
		{`,"id":"`, &e.id},
		{`,"type":"` + typePrefix, &e.kind},
		{`,"source":"`, &e.source},
		{`,"subject":"`, &e.subject},
		{`,"time":"`, &happened},
		{`,"recordedtime":"`, &e.recorded},
	} {
		if len(rest) < len(f.lead) || string(rest[:len(f.lead)]) != f.lead {
			return scanned{}, false
		}
		rest = rest[len(f.lead):]
		end := bytes.IndexByte(rest, '"')
		if end < 0 || !isPlain(rest[:end]) {
			return scanned{}, false
		}
		*f.into, rest = rest[:end], rest[end+1:]
	}
	return e, sortsAsText(e.recorded) && domain.Subject(e.subject).Check() == nil
}

// scannedOf is what an entry in another form says of itself.
func scannedOf(e *domain.Entry, payload []byte) scanned {
	return scanned{
		id: []byte(e.ID), kind: []byte(e.Type), source: []byte(sourcePrefix + ledgerOf(e, payload)),
		subject: []byte(e.Subject), recorded: []byte(readable(e.Recorded)),
	}
}

// isPlain reports whether JSON writes a text as it is.
func isPlain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}

// sortsAsText reports whether a recorded time is in the one form in which text and
// time have the same order.
func sortsAsText(recorded []byte) bool {
	if len(recorded) != len(recordedForm) {
		return false
	}
	for i, c := range recorded {
		if want := recordedForm[i]; want >= '0' && want <= '9' {
			if c < '0' || c > '9' {
				return false
			}
		} else if c != want {
			return false
		}
	}
	return true
}
