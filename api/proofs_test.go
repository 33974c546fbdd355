package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// decided plays a registration to a decision, and is the answer to it.
func (o *office) decided(name string) answer {
	path := o.register(name)
	if o.clock().Before(spring(17)) {
		o.attend(path)
	} else {
		for n := 1; n <= 17; n++ { // recorded late, all at once
			o.post("trainer", path+"/attendance", map[string]any{"session": fmt.Sprint(n), "status": "present"}).want(http.StatusOK)
		}
	}
	if o.clock().Before(spring(17).AddDate(0, 0, 3)) {
		o.recommend(path)
	} else {
		o.post("trainer", path+"/judgements", map[string]any{"question": "evaluation", "answer": "level-1r"}).want(http.StatusOK)
	}
	return o.post("certifier", path+"/decisions", map[string]any{"act": "grant", "level": "level-1r"}).want(http.StatusCreated)
}

// reader is somebody who trusts the log's key alone and knows the published
// forms: nothing of ours is used below.
type reader struct {
	t    *testing.T
	o    *office
	keys note.Verifiers
	got  map[string][]byte // tiles
}

func (o *office) outsider(t *testing.T) *reader {
	v, err := note.NewVerifier(strings.TrimSpace(o.fetch("/log-key", http.StatusOK)))
	require.NoError(t, err)
	return &reader{t, o, note.VerifierList(v), map[string][]byte{}}
}

// fetch gets something without a token.
func (o *office) fetch(path string, status int) string {
	o.t.Helper()
	a := o.send(http.MethodGet, "", path, "")
	require.Equal(o.t, status, a.status, a.raw)
	return a.raw
}

// checkpoint opens a signed checkpoint.
func (r *reader) checkpoint(signed string) tlog.Tree {
	n, err := note.Open([]byte(signed), r.keys)
	require.NoError(r.t, err)
	lines := strings.Split(n.Text, "\n")
	require.Len(r.t, lines, 4)
	require.Equal(r.t, "certledger/"+ledgerID, lines[0])
	var tree tlog.Tree
	_, err = fmt.Sscan(lines[1], &tree.N)
	require.NoError(r.t, err)
	tree.Hash, err = tlog.ParseHash(lines[2])
	require.NoError(r.t, err)
	return tree
}

// inclusion verifies a .tlog-proof of a leaf.
func (r *reader) inclusion(text, leaf string) {
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	require.True(r.t, ok)
	lines := strings.Split(head, "\n")
	require.Equal(r.t, "c2sp.org/tlog-proof@v1", lines[0])
	var index int64
	_, err := fmt.Sscanf(lines[1], "index %d", &index)
	require.NoError(r.t, err)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		h, err := tlog.ParseHash(line)
		require.NoError(r.t, err)
		proof = append(proof, h)
	}
	tree := r.checkpoint(checkpoint)
	require.NoError(r.t, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash([]byte(leaf))))
}

func TestADecisionIsAnsweredWithItsProof(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	a := o.decided("sam")
	r := o.outsider(t)
	r.inclusion(a.text("proof", "inclusion"), a.text("proof", "leaf"))
	sequence := uint64(a.at("proof", "sequence").(float64))
	stored, err := o.log.Get(t.Context(), sequence)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf(`{"leaf":1,"payload":"sha256:%x","sequence":%d}`, sha256.Sum256(stored.Payload), sequence), a.text("proof", "leaf"))

	again := o.post("registrar", "/v1/registrations/"+o.ids["sam"]+"/notices", map[string]any{"notice": "welcome", "about": "start"}).want(http.StatusOK)
	require.Nil(t, again.at("proof"), "only decisions wait for a checkpoint")

	proof := o.get("auditor", "/v1/proofs/inclusion?seq=1").want(http.StatusOK).raw
	first, err := o.log.Get(t.Context(), 1)
	require.NoError(t, err)
	r.inclusion(proof, fmt.Sprintf(`{"leaf":1,"payload":"sha256:%x","sequence":1}`, sha256.Sum256(first.Payload)))
	o.get("auditor", "/v1/proofs/inclusion?seq=100000").problem(http.StatusNotFound, "no-such-entry")
	o.get("auditor", "/v1/proofs/inclusion?seq=0").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.get("auditor", "/v1/proofs/inclusion").problem(http.StatusUnprocessableEntity, "invalid-request")
	o.send(http.MethodGet, "", "/v1/proofs/inclusion?seq=1", "").problem(http.StatusUnauthorized, "no-token")
}

func TestCheckpointsAreConsistent(t *testing.T) {
	o := newOffice(t)
	o.fetch("/checkpoint", http.StatusServiceUnavailable)
	o.fetch("/tile/0/000.p/1", http.StatusServiceUnavailable)
	o.openSpring()
	r := o.outsider(t)
	o.decided("sam")
	before := r.checkpoint(o.fetch("/checkpoint", http.StatusOK))
	o.decided("ida")
	after := r.checkpoint(o.fetch("/checkpoint", http.StatusOK))
	require.Greater(t, after.N, before.N)

	text := o.get("auditor", fmt.Sprintf("/v1/proofs/consistency?from=%d&to=%d", before.N, after.N)).want(http.StatusOK).raw
	require.Equal(t, text, o.get("auditor", fmt.Sprintf("/v1/proofs/consistency?from=%d", before.N)).raw)
	var proof tlog.TreeProof
	for line := range strings.Lines(text) {
		h, err := tlog.ParseHash(strings.TrimSuffix(line, "\n"))
		require.NoError(t, err)
		proof = append(proof, h)
	}
	require.NoError(t, tlog.CheckTree(proof, after.N, after.Hash, before.N, before.Hash))
	for _, bad := range []string{"from=0", "from=5&to=4", fmt.Sprintf("from=1&to=%d", after.N+1), "from=-1", ""} {
		o.get("auditor", "/v1/proofs/consistency?"+bad).problem(http.StatusUnprocessableEntity, "invalid-request")
	}
}

// Tiles are read by somebody else's reader, which checks each against the
// checkpoint, and paths and sizes are those of C2SP tlog-tiles.
func TestTilesAreReadByOthers(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	for i := range 16 {
		o.decided(fmt.Sprintf("p%d", i))
	}
	r := o.outsider(t)
	tree := r.checkpoint(o.fetch("/checkpoint", http.StatusOK))
	require.Greater(t, tree.N, int64(256), "a full tile of level 0, and one of level 1")
	tiles := tlog.TileHashReader(tree, r)
	for n := range tree.N {
		proof, err := tlog.ProveRecord(tree.N, n, tiles)
		require.NoError(t, err)
		hashes, err := tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		require.NoError(t, err)
		require.NoError(t, tlog.CheckRecord(proof, tree.N, tree.Hash, n, hashes[0]))
	}
	require.Len(t, o.fetch("/tile/0/000", http.StatusOK), 256*32)
	width := tree.N % 256
	require.Len(t, o.fetch(fmt.Sprintf("/tile/0/%03d.p/%d", tree.N/256, width), http.StatusOK), int(width)*32)
	require.Len(t, o.fetch(fmt.Sprintf("/tile/1/000.p/%d", tree.N/256), http.StatusOK), int(tree.N/256)*32)

	bundle := o.fetch(fmt.Sprintf("/tile/entries/%03d.p/%d", tree.N/256, width), http.StatusOK)
	for n := tree.N - width; n < tree.N; n++ {
		size := int(binary.BigEndian.Uint16([]byte(bundle)))
		leaf := bundle[2 : 2+size]
		bundle = bundle[2+size:]
		hashes, err := tiles.ReadHashes([]int64{tlog.StoredHashIndex(0, n)})
		require.NoError(t, err)
		require.Equal(t, hashes[0], tlog.RecordHash([]byte(leaf)))
		stored, err := o.log.Get(t.Context(), uint64(n)+1)
		require.NoError(t, err)
		require.Contains(t, leaf, fmt.Sprintf("%x", sha256.Sum256(stored.Payload)))
	}
	require.Empty(t, bundle)
	for _, path := range []string{
		fmt.Sprintf("/tile/0/%03d.p/%d", tree.N/256, width+1), "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/00", "/tile/0/999", "/tile/6/000",
		"/tile/data/000", "/tile/entries/900", "/tile/8/0/000", "/tile/0/x000/000", "/tile/0/-01", "/tile/", "/tile/entries/",
	} {
		o.fetch(path, http.StatusNotFound)
	}
}

// Height, ReadTiles and SaveTiles make the reader one of tlog's tiles.
func (r *reader) Height() int { return 8 }

func (r *reader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		path := strings.Replace(t.Path(), "tile/8/", "/tile/", 1)
		if r.got[path] == nil {
			r.got[path] = []byte(r.o.fetch(path, http.StatusOK))
		}
		out = append(out, r.got[path])
	}
	return out, nil
}

func (r *reader) SaveTiles([]tlog.Tile, [][]byte) {}

func TestASignedCheckpointIsInOneForm(t *testing.T) {
	o := newOffice(t)
	o.openSpring()
	o.decided("sam")
	a := o.send(http.MethodGet, "", "/checkpoint", "")
	require.Equal(t, "text/plain; charset=utf-8", a.header.Get("Content-Type"))
	lines := strings.Split(a.raw, "\n")
	require.Len(t, lines, 6)
	require.True(t, strings.HasPrefix(lines[4], "— certledger/"+ledgerID+" "))
	_, err := base64.StdEncoding.Strict().DecodeString(strings.Fields(lines[4])[2])
	require.NoError(t, err)
}
