package docs

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain/programme"
)

// wholeRules lays an overlay over its base, among the files of a page and the
// programmes of the repository; other rules are as they were.
func wholeRules(repo fs.FS, files map[string]block, body string) ([]byte, error) {
	return programme.Complete([]byte(body), func(id string, version int) []byte {
		for _, b := range files {
			if is, ok := programme.NameOf([]byte(b.body)); ok && is.Programme == id && is.Version == version && !isCases(b.body) {
				return []byte(b.body)
			}
		}
		shipped, _ := fs.Glob(repo, "domain/programmes/*.yaml")
		for _, name := range shipped {
			src, _ := fs.ReadFile(repo, name)
			if is, ok := programme.NameOf(src); ok && is.Programme == id && is.Version == version {
				return src
			}
		}
		return nil
	})
}

// TestShownExtractsAreTrue: what a page quotes of a programme's document stands
// in it: ```markdown NAME, after the file of that name.
func TestShownExtractsAreTrue(t *testing.T) {
	quoted := 0
	for _, p := range pages(t, root) {
		files := map[string]block{}
		for _, b := range p.blocks {
			switch {
			case b.lang == "yaml" && b.name != "":
				files[b.name] = b
			case b.lang == "markdown" && path.Ext(b.name) == ".yaml":
				require.Contains(t, files, b.name, p.at(b.line, ""))
				whole, err := wholeRules(root, files, files[b.name].body)
				require.NoError(t, err)
				read, err := programme.Parse(whole)
				require.NoError(t, err)
				require.Contains(t, programme.Describe(read).Markdown(), strings.TrimSpace(b.body)+"\n", p.at(b.line, "%s", b.name))
				quoted++
			}
		}
	}
	require.Positive(t, quoted)
}
