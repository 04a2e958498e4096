using Darter.Workers.Sources;

namespace Darter.Workers.Tests.Sources;

/// <summary>Which changes matter, and what they mean.</summary>
public sealed class SourceRulesTests
{
    [Theory]
    [InlineData("/p/app.py", SourceKind.Code)]
    [InlineData("/p/shop/views.py", SourceKind.Code)]
    [InlineData("/p/templates/page.html", SourceKind.Code)]
    [InlineData("/p/templates/mail.txt", SourceKind.Code)]
    [InlineData("/p/notes.txt", SourceKind.None)]
    [InlineData("/p/.env", SourceKind.Code)]
    [InlineData("/p/.flaskenv", SourceKind.Code)]
    [InlineData("/p/static/site.css", SourceKind.Style)]
    [InlineData("/p/static/site.js", SourceKind.Asset)]
    [InlineData("/p/static/logo.SVG", SourceKind.Asset)]
    [InlineData("/p/db.sqlite3", SourceKind.None)]
    [InlineData("/p/.app.py.swp", SourceKind.None)]
    [InlineData("/p/app.py~", SourceKind.None)]
    [InlineData("/p/app.pyc", SourceKind.None)]
    [InlineData("/elsewhere/app.py", SourceKind.None)]
    [InlineData("/project/app.py", SourceKind.None)]
    public void KindOf_File_IsWhatItsNameSays(string file, SourceKind kind) =>
        Assert.Equal(kind, new SourceRules(["/p"], [], []).KindOf(file, isImported: false));

    [Theory]
    [InlineData("/elsewhere/lib.py")]
    [InlineData("/p/odd.name")]
    public void KindOf_ImportedFile_IsCodeWhereverItIs(string file) =>
        Assert.Equal(SourceKind.Code, new SourceRules(["/p"], [], []).KindOf(file, isImported: true));

    [Theory]
    [InlineData("*.yaml", "/p/config.yaml", SourceKind.Code)]
    [InlineData("*.yaml", "/p/deep/config.yaml", SourceKind.Code)]
    [InlineData("conf/*", "/p/conf/a", SourceKind.Code)]
    [InlineData("conf/*", "/p/other/a", SourceKind.None)]
    [InlineData("*.yaml", "/elsewhere/config.yaml", SourceKind.None)]
    public void KindOf_Included_IsCode(string pattern, string file, SourceKind kind) =>
        Assert.Equal(kind, new SourceRules(["/p"], [pattern], []).KindOf(file, isImported: false));

    [Theory]
    [InlineData("test_*.py", "/p/test_a.py", SourceKind.None)]
    [InlineData("gen/*", "/p/gen/a.py", SourceKind.None)]
    [InlineData("gen/*", "/p/a.py", SourceKind.Code)]
    public void KindOf_Excluded_IsNothingEvenIfImported(string pattern, string file, SourceKind kind) =>
        Assert.Equal(kind, new SourceRules(["/p"], [], [pattern]).KindOf(file, isImported: true));

    [Theory]
    [InlineData("/p/.git", true)]
    [InlineData("/p/__pycache__", true)]
    [InlineData("/p/web/node_modules", true)]
    [InlineData("/p/build", true)]
    [InlineData("/p/shop", false)]
    public void Skips_FoldersOfOthers(string folder, bool skipped) =>
        Assert.Equal(skipped, new SourceRules(["/p"], [], ["build/"]).Skips(folder));

    [Fact]
    public void Skips_VirtualEnvironment_WhateverItsName()
    {
        string root = Directory.CreateTempSubdirectory("darter-test-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "myenv"));
            File.WriteAllText(Path.Combine(root, "myenv", "pyvenv.cfg"), "");
            Assert.True(new SourceRules([root], [], []).Skips(Path.Combine(root, "myenv")));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Folders_BelowOthers_AreLeftOut() =>
        Assert.Equal(["/p", "/q"], new SourceRules(["/p/", "/p/shop", "/q", "/p"], [], []).Folders);

    [Fact]
    public void Skips_AFolderThatWasNamed_Never() =>
        Assert.False(new SourceRules(["/p/.hidden"], [], []).Skips("/p/.hidden"));
}
