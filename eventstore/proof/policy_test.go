package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"
)

func TestOpenedSaysWhoSigned(t *testing.T) {
	r := newRotation(t, 9)
	opened, err := r.policy.Open(r.checkpoint(t, 9))
	require.NoError(t, err)
	at := time.Unix(testTime, 0).UTC()
	require.Equal(t, Opened{
		Checkpoint: testCheckpoint(t, r.tree, 9),
		LogKeys:    r.policy.LogKeys(),
		Cosignatures: []Cosignature{
			{Witness: keyID(r.witnesses[0].vkey()), Key: keyID(r.witnesses[0].vkey()), Time: at},
			{Witness: keyID(r.witnesses[1].vkey()), Key: keyID(r.witnesses[1].vkey()), Time: at},
		},
	}, opened)
	require.Equal(t, []string{keyID(r.logKeys[0]), keyID(r.logKeys[1])}, opened.LogKeys)
	require.Equal(t, testOrigin, r.policy.Origin())
	require.Len(t, r.policy.Witnesses(), 2)
}

// keyID is the beginning of a vkey.
func keyID(vkey string) string {
	fields := strings.SplitN(vkey, "+", 3)
	return fields[0] + "+" + fields[1]
}

// While a log changes its key, verifiers who hold the old one, the new one or
// both can go on, each as strict as they wish.
func TestKeyRotation(t *testing.T) {
	r := newRotation(t, 6)
	c := testCheckpoint(t, r.tree, 6)
	open := func(trust Trust, allowUnknown, all bool, signers ...note.Signer) error {
		p, err := NewPolicy(trust)
		require.NoError(t, err)
		p.AllowUnknown, p.AllLogKeys = allowUnknown, all
		signed, err := Sign(c, signers...)
		require.NoError(t, err)
		_, err = p.Open(signed)
		return err
	}
	was, is, both := Trust{LogKeys: r.logKeys[:1]}, Trust{LogKeys: r.logKeys[1:]}, Trust{LogKeys: r.logKeys}
	before, after := r.signers[0], r.signers[1]

	require.NoError(t, open(was, false, false, before))
	require.NoError(t, open(was, true, false, before, after))
	require.ErrorIs(t, open(was, false, false, before, after), ErrSignature, "the new key is unknown")
	require.ErrorIs(t, open(was, true, false, after), ErrSignature)
	require.NoError(t, open(is, true, false, after, before))
	require.NoError(t, open(both, false, false, before))
	require.NoError(t, open(both, false, false, after))
	require.NoError(t, open(both, false, true, after, before))
	require.ErrorIs(t, open(both, false, true, before), ErrSignature)
	require.ErrorIs(t, open(both, true, true, after), ErrSignature)
}

// A known key's signature has to hold even where another one would do.
func TestOneWrongSignatureSpoilsTheRest(t *testing.T) {
	r := newRotation(t, 6)
	p := r.policyOf(t, 1)
	signed := r.checkpoint(t, 6)
	other := r.checkpoint(t, 5)
	lines, others := bytes.SplitAfter(signed, []byte("\n")), bytes.SplitAfter(other, []byte("\n"))
	require.Len(t, lines, 9)
	for i := 4; i < 8; i++ {
		mixed := bytes.Join([][]byte{bytes.Join(lines[:i], nil), others[i], bytes.Join(lines[i+1:], nil)}, nil)
		_, err := p.Open(mixed)
		require.ErrorIs(t, err, ErrSignature, "line %d is of another checkpoint", i+1)
		without := bytes.Join([][]byte{bytes.Join(lines[:i], nil), bytes.Join(lines[i+1:], nil)}, nil)
		_, err = p.Open(without)
		require.NoError(t, err, "one log key and one witness are enough")
	}
}

func TestTheQuorum(t *testing.T) {
	r := newRotation(t, 6)
	signed, err := Sign(testCheckpoint(t, r.tree, 6), r.signers...)
	require.NoError(t, err)
	for cosigned := range 3 {
		for quorum := range 3 {
			_, err := r.policyOf(t, quorum).Open(signed)
			if cosigned >= quorum {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrQuorum, "%d of %d", cosigned, quorum)
			}
		}
		if cosigned < 2 {
			signed, err = r.policyOf(t, 0).Merge(signed, r.witnesses[cosigned].cosign(t, signed))
			require.NoError(t, err)
		}
	}
	_, err = mustPolicy(t, "log "+r.logKeys[0]+"\nlog "+r.logKeys[1]+"\nquorum none\n").Open(signed)
	require.ErrorIs(t, err, ErrSignature, "the witnesses are strangers to it")
}

// Witnesses cannot speak for the log.
func TestACheckpointOfWitnessesAlone(t *testing.T) {
	r := newRotation(t, 6)
	text := testCheckpoint(t, r.tree, 6).text()
	alone := append([]byte(text+"\n"), r.witnesses[0].cosign(t, []byte(text+"\n"))...)
	p := r.policyOf(t, 1)
	for _, allow := range []bool{false, true} {
		p.AllowUnknown = allow
		_, err := p.Open(alone)
		require.ErrorIs(t, err, ErrSignature)
		require.ErrorContains(t, err, "no key of the log")
	}
}

func mustPolicy(t rapid.TB, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy([]byte(text))
	require.NoError(t, err)
	return p
}

// policyText is a policy with the witnesses w1 to w6 and what is given.
func policyText(t rapid.TB, more string) string {
	t.Helper()
	_, vkey := logSigner(t, 1, testOrigin)
	text := "# a comment\n\n \t\nlog " + vkey + " https://ledger.example/\n"
	for i := range 6 {
		text += fmt.Sprintf("witness\tw%d  %s https://w%d.example/\n", i+1, newWitness(byte(10+i), fmt.Sprintf("w%d.example", i+1)).vkey(), i+1)
	}
	return text + more
}

func TestGroupsOfAPolicy(t *testing.T) {
	signer, _ := logSigner(t, 1, testOrigin)
	signed, err := Sign(testCheckpoint(t, testTree(3), 3), signer)
	require.NoError(t, err)
	for _, c := range []struct {
		groups string
		met    func(w []bool) bool
	}{
		{"quorum none\n", func([]bool) bool { return true }},
		{"quorum w3\n", func(w []bool) bool { return w[2] }},
		{"group g 2 w1 w2 w3\nquorum g\n", func(w []bool) bool { return w[0] && w[1] || w[0] && w[2] || w[1] && w[2] }},
		{
			"group x 2 w1 w2 w3\ngroup y any w4 w5 w6\ngroup both all x y\n  quorum both\n",
			func(w []bool) bool {
				return (w[0] && w[1] || w[0] && w[2] || w[1] && w[2]) && (w[3] || w[4] || w[5])
			},
		},
		{"group x all w1 w2\ngroup y 1 x w6\nquorum y\n# the end\n", func(w []bool) bool { return w[0] && w[1] || w[5] }},
	} {
		p := mustPolicy(t, policyText(t, c.groups))
		for set := range 1 << 6 {
			cosigned, by := signed, make([]bool, 6)
			for i := range by {
				if by[i] = set>>i&1 == 1; by[i] {
					cosigned, err = p.Merge(cosigned, newWitness(byte(10+i), fmt.Sprintf("w%d.example", i+1)).cosign(t, signed))
					require.NoError(t, err)
				}
			}
			_, err := p.Open(cosigned)
			require.Equal(t, c.met(by), err == nil, "%s with %v: %v", c.groups, by, err)
			if err != nil {
				require.ErrorIs(t, err, ErrQuorum)
			}
		}
	}
}

func TestAPolicyKnowsItsWitnesses(t *testing.T) {
	p := mustPolicy(t, policyText(t, "quorum w1\n"))
	require.Len(t, p.Witnesses(), 6)
	w := p.Witnesses()[1]
	require.Equal(t, []string{"w2", "https://w2.example/"}, []string{w.Name, w.URL})
	require.Equal(t, keyID(newWitness(11, "w2.example").vkey()), w.Key())
}

func TestPoliciesThatAreRefused(t *testing.T) {
	_, logKey := logSigner(t, 1, testOrigin)
	_, otherLog := logSigner(t, 2, "other.example")
	_, sameName := logSigner(t, 2, testOrigin)
	north, south := newWitness(3, "north"), newWitness(4, "south")
	renamed := newWitness(3, "renamed")
	ownWitness := newWitness(1, "own")
	base := "log " + logKey + "\nwitness n " + north.vkey() + "\nwitness s " + south.vkey() + "\n"
	longName := newWitness(5, strings.Repeat("n", keyNameMax+1)).vkey()

	for name, text := range map[string]string{
		"nothing":                      "",
		"only a comment":               "# quorum none\n",
		"no log":                       "quorum none\n",
		"no quorum":                    base,
		"two quorums":                  base + "quorum n\nquorum n\n",
		"an unknown quorum":            base + "quorum x\n",
		"a quorum before its witness":  "log " + logKey + "\nquorum n\nwitness n " + north.vkey() + "\n",
		"a quorum of nothing":          base + "quorum\n",
		"a quorum of two":              base + "quorum n s\n",
		"an unknown keyword":           base + "quorum none\nwitnesses 2\n",
		"a keyword in capitals":        base + "Quorum none\n",
		"two logs":                     base + "log " + otherLog + "\nquorum none\n",
		"the log's key twice":          base + "log " + logKey + "\nquorum none\n",
		"a witness's key twice":        base + "witness m " + north.vkey() + "\nquorum none\n",
		"the same key, another name":   base + "witness m " + renamed.vkey() + "\nquorum none\n",
		"the log as its own witness":   base + "witness m " + ownWitness.vkey() + "\nquorum none\n",
		"its own witness, log later":   "witness m " + ownWitness.vkey() + "\nlog " + logKey + "\nquorum none\n",
		"a name twice":                 base + "group n any s\nquorum none\n",
		"a witness called none":        base + "witness none " + renamed.vkey() + "\nquorum none\n",
		"a group called none":          base + "group none any n\nquorum none\n",
		"none as a member":             base + "group g any none\nquorum g\n",
		"a group of itself":            base + "group g any g\nquorum g\n",
		"a member twice":               base + "group g 2 n n\nquorum g\n",
		"a member in two groups":       base + "group g any n\ngroup h any n\nquorum h\n",
		"a group before its member":    "log " + logKey + "\ngroup g any n\nwitness n " + north.vkey() + "\nquorum g\n",
		"a group of nobody":            base + "group g any\nquorum g\n",
		"a threshold of 0":             base + "group g 0 n s\nquorum g\n",
		"a threshold above":            base + "group g 3 n s\nquorum g\n",
		"a negative threshold":         base + "group g -1 n s\nquorum g\n",
		"a threshold with a zero":      base + "group g 01 n s\nquorum g\n",
		"a threshold with a sign":      base + "group g +1 n s\nquorum g\n",
		"a huge threshold":             base + "group g 99999999999999999999 n s\nquorum g\n",
		"a log of too much":            base + "log " + sameName + " url more\nquorum none\n",
		"a witness without a key":      base + "witness m\nquorum none\n",
		"a log's key for a witness":    base + "witness m " + sameName + "\nquorum none\n",
		"a witness's key for a log":    base + "log " + renamed.vkey() + "\nquorum none\n",
		"a key that is cut":            strings.Replace(base, logKey, logKey[:len(logKey)-4], 1) + "quorum none\n",
		"a key with another hash":      strings.Replace(base, "north+", "morth+", 1) + "quorum none\n",
		"a log key with another hash":  strings.Replace(base, "peerworks+", "peerwork+", 1) + "quorum none\n",
		"a name that is too long":      base + "witness m " + longName + "\nquorum none\n",
		"no key at all":                "log x\nquorum none\n",
		"a key of one byte":            "log x+00000000+AQ==\nquorum none\n",
		"a key that is not base64":     "log x+00000000+A*==\nquorum none\n",
		"an endless key":               "log x+00000000+" + strings.Repeat("A", keyTextMax) + "\nquorum none\n",
		"a carriage return":            base + "quorum none\r\n",
		"a control character":          base + "quorum none\n# \x1b[2J\n",
		"a deletion":                   base + "quorum none\n# \x7f\n",
		"a last line that is cut":      base + "quorum none",
		"a policy that is too long":    base + "quorum none\n" + strings.Repeat("#\n", PolicyMax/2),
		"a key with loose bits":        base + "witness m " + looseBits(t) + "\nquorum none\n",
		"a hash in capitals":           "log " + strings.Replace(logKey, keyID(logKey), strings.ToUpper(keyID(logKey)), 1) + "\nquorum none\n",
		"a log with a heads' name":     "log " + strangeKey(t, testOrigin+headsSuffix) + "\nquorum none\n",
		"a log whose name is a nuance": "log " + strangeKey(t, "zoé.example") + "\nquorum none\n",
	} {
		_, err := ParsePolicy([]byte(text))
		require.Error(t, err, name)
		requireFault(t, err, nil)
		require.NotContains(t, err.Error(), "north", "errors repeat nothing")
	}
	mustPolicy(t, base+"log "+sameName+"\nquorum none\n")
}

// looseBits is a key that is the same for lenient readers of base64, whose last
// digit has bits that mean nothing in keys of this length.
func looseBits(t rapid.TB) string {
	t.Helper()
	_, vkey, err := fnote.GenerateMLDSAKey("loose")
	require.NoError(t, err)
	key, ok := strings.CutSuffix(vkey, "=")
	require.True(t, ok)
	last := len(key) - 1
	return key[:last] + nextBase64(key[last]) + "="
}

// strangeKey is a good key under a name that no log may have.
func strangeKey(t rapid.TB, name string) string {
	t.Helper()
	vkey, err := note.NewEd25519VerifierKey(name, newWitness(9, "x").key.Public().(ed25519.PublicKey))
	require.NoError(t, err)
	return vkey
}

func TestLimitsOfAPolicy(t *testing.T) {
	_, vkey := logSigner(t, 1, testOrigin)
	lines := "log " + vkey + "\n"
	for i := range 32 {
		lines += fmt.Sprintf("witness w%d %s\n", i, newWitness(byte(100+i), "w").vkey())
	}
	witnesses := lines
	for i := range 32 {
		lines += fmt.Sprintf("group g%d any w%d\n", i, i)
	}
	mustPolicy(t, lines+"quorum g31\n")
	for _, more := range []string{
		"witness more " + newWitness(200, "w").vkey() + "\n",
		"group more any g0\n",
	} {
		_, err := ParsePolicy([]byte(lines + more + "quorum none\n"))
		require.ErrorIs(t, err, ErrPolicy)
	}
	logs := ""
	for i := range 32 {
		_, vkey := logSigner(t, byte(10+i), testOrigin)
		logs += "log " + vkey + "\n"
	}
	mustPolicy(t, logs+"quorum none\n")
	_, err := ParsePolicy([]byte(logs + witnesses + "quorum none\n"))
	require.ErrorIs(t, err, ErrPolicy)
}

func TestNewPolicyRefuses(t *testing.T) {
	_, vkey := logSigner(t, 1, testOrigin)
	w := newWitness(3, "north").vkey()
	for _, trust := range []Trust{
		{},
		{WitnessKeys: []string{w}},
		{LogKeys: []string{vkey, vkey}},
		{LogKeys: []string{vkey}, Quorum: 1},
		{LogKeys: []string{vkey}, Quorum: -1},
		{LogKeys: []string{vkey}, WitnessKeys: []string{w}, Quorum: 2},
		{LogKeys: []string{vkey}, WitnessKeys: []string{w, w}, Quorum: 2},
	} {
		_, err := NewPolicy(trust)
		require.ErrorIs(t, err, ErrPolicy)
	}
	_, err := NewPolicy(Trust{LogKeys: []string{vkey}, WitnessKeys: []string{w, "x"}})
	require.ErrorIs(t, err, ErrKey)
	require.ErrorContains(t, err, "witness key 2")
}

func TestThePolicyThatIsNoneTrustsNobody(t *testing.T) {
	r := newRotation(t, 3)
	for _, allow := range []bool{false, true} {
		p := &Policy{AllowUnknown: allow}
		_, err := p.Open(r.checkpoint(t, 3))
		require.Error(t, err)
		_, err = p.OpenHeads(signAnyText(t, r.heads(t, 3).text(), r.signers[0]))
		require.Error(t, err)
		_, err = p.Merge(r.checkpoint(t, 3), r.witnesses[0].cosign(t, r.checkpoint(t, 3)))
		require.Error(t, err)
	}
}

// Signatures that other people's libraries make count here, of both kinds.
func TestCosignaturesOfOtherLibraries(t *testing.T) {
	signer, logKey := logSigner(t, 1, testOrigin)
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)), "ed.example")
	require.NoError(t, err)
	vkey, err = fnote.VKeyToCosignatureV1(vkey)
	require.NoError(t, err)
	edSigner, err := fnote.NewSignerForCosignatureV1(skey)
	require.NoError(t, err)
	mlSkey, mlVkey, err := fnote.GenerateMLDSAKey("ml.example")
	require.NoError(t, err)
	mlSigner, err := fnote.NewSignerForCosignatureV1(mlSkey)
	require.NoError(t, err)

	p, err := NewPolicy(Trust{LogKeys: []string{logKey}, WitnessKeys: []string{vkey, mlVkey}, Quorum: 2})
	require.NoError(t, err)
	signed, err := Sign(testCheckpoint(t, testTree(4), 4), signer)
	require.NoError(t, err)
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	for _, s := range []note.Signer{mlSigner, edSigner} {
		cosigned := signAnyText(t, string(text)+"\n", s)
		signed, err = p.Merge(signed, cosigned[len(text)+2:])
		require.NoError(t, err)
	}
	opened, err := p.Open(signed)
	require.NoError(t, err)
	require.Len(t, opened.Cosignatures, 2)

	raw, ok := bytes.CutPrefix(bytes.SplitAfter(signed, []byte("\n"))[6], []byte("— ml.example "))
	require.True(t, ok)
	sig, err := base64.StdEncoding.DecodeString(string(raw))
	require.NoError(t, err)
	for i := range sig {
		changed := bytes.Clone(sig)
		changed[i] ^= 1 << (i % 8)
		_, err := p.Open(bytes.Replace(signed, raw, []byte(base64.StdEncoding.EncodeToString(changed)+"\n"), 1))
		require.ErrorIs(t, err, ErrSignature, "byte %d", i)
	}
}

// A time that no clock can show is refused although the witness has signed it.
func TestACosignatureBeyondTime(t *testing.T) {
	r := newRotation(t, 4)
	signed, err := Sign(testCheckpoint(t, r.tree, 4), r.signers...)
	require.NoError(t, err)
	for _, at := range []uint64{0, 1<<63 - 1, 1 << 63, 1<<64 - 1} {
		w := r.witnesses[0]
		w.at = at
		_, err := r.policy.Merge(signed, w.cosign(t, signed))
		if at < 1<<63 {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrForm)
		}
	}
}
