package proof

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// The words of each wording, by the hash of its template. A line here is never
// changed: who changes a word adds a wording, a line, and a README to testdata.
var wordingHashes = []string{
	"sha256:7feac7776550b91d885cce8170d81dc1d0f18a79b127ea3da13d4b37793f810c",
	"sha256:45ea6f4cb2cc5477a51d7d4b20b4d923d1358616f90e249703c805e868df7943",
}

// A dossier in the words of any day verifies for ever.
func TestADossierVerifiesInEveryWording(t *testing.T) {
	require.Len(t, readmeWordings, len(wordingHashes))
	d := newDossiers(t)
	b, err := os.ReadFile(goldenZip)
	require.NoError(t, err)
	files, err := readZip(b)
	require.NoError(t, err)
	for n, hash := range wordingHashes {
		template, err := os.ReadFile(fmt.Sprintf("dossier_readme_%d.tmpl", n+1))
		require.NoError(t, err)
		require.Equal(t, hash, domain.HashOf(template), "a wording is never changed: add another")

		readme, err := os.ReadFile(fmt.Sprintf("testdata/readme/%d.txt", n+1))
		require.NoError(t, err)
		was := files.with(dossierReadme, readme)
		_, err = VerifyDossier(was, d.policy)
		require.NoError(t, err, "wording %d", n+1)
		for at := 0; at < len(readme); at += len(readme) / 20 {
			other := bytes.Clone(readme)
			other[at] ^= flips[0]
			_, err = VerifyDossier(was.with(dossierReadme, other), d.policy)
			failsAs(t, err, CodeReadme, dossierReadme)
		}
	}
}

// The first wording says that nothing in a dossier opens what is sealed.
func TestOpenedValuesAreToldOfInTheReadme(t *testing.T) {
	d, l := newDossiers(t), words(t)
	files, redacted := d.opened(l)
	at, err := d.policy.Open(l.signed(0, d.signer))
	require.NoError(t, err)
	b := builder{source: l, checkpoint: at.Checkpoint, known: map[domain.Subject][]domain.Entry{}, stored: map[uint64][]byte{}}
	c, err := b.gather(About{Decision: "d2", Registrations: []string{"r2"}})
	require.NoError(t, err)
	for n, w := range readmeWordings {
		readme, err := w.fill(c.readmeFacts())
		require.NoError(t, err)
		_, err = VerifyDossier(redacted.with(dossierReadme, readme), d.policy)
		require.NoError(t, err)
		if files := files.with(dossierReadme, readme); n == 0 {
			d.fails(files, CodeReadme, dossierReadme)
		} else {
			_, err = VerifyDossier(files, d.policy)
			require.NoError(t, err)
		}
	}
}
