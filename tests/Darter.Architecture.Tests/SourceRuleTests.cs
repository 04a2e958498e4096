using System.Text.RegularExpressions;

namespace Darter.Architecture.Tests;

/// <summary>Rules of the design that the compiler does not know.</summary>
public partial class SourceRuleTests
{
    private const int MaxLines = 500;

    // Folders of Darter.Server that the features may use; they do not know each other.
    private static readonly string[] SharedFolders = ["Access", "Compression", "Configuration", "Observability", "Proxies", "Redis", "WebSockets"];

    public static TheoryData<string> Projects => new(SourceProject.All.Select(project => project.Name));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Namespace_OfAFile_IsItsFolder(string name) =>
        AssertNone(name, (path, text) =>
        {
            Match declared = Namespace().Match(text);
            string folder = Path.GetDirectoryName(path)!;
            string expected = folder.Length == 0 ? name : $"{name}.{folder.Replace('/', '.')}";
            return declared.Success && declared.Groups[1].Value != expected;
        });

    [Theory]
    [MemberData(nameof(Projects))]
    public void PInvoke_InAFile_IsUnderANativeFolder(string name) =>
        AssertNone(name, (path, text) => Import().IsMatch(text) && !$"/{path}".Contains("/Native/", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Projects))]
    public void Length_OfAFile_IsBounded(string name) =>
        AssertNone(name, (path, text) => text.Count(c => c == '\n') > MaxLines && !path.Contains(".g.", StringComparison.Ordinal));

    [Fact]
    public void Workers_Code_SeesNoHttpContext() =>
        AssertNone("Darter.Workers", (_, text) => text.Contains("HttpContext", StringComparison.Ordinal) || text.Contains("Microsoft.AspNetCore.Http", StringComparison.Ordinal));

    [Fact]
    public void Server_Features_DoNotReferToEachOther()
    {
        SourceProject server = Project("Darter.Server");
        string[] features = Directory.GetDirectories(server.Folder)
            .Select(folder => Path.GetFileName(folder)!)
            .Except(["bin", "obj", .. SharedFolders])
            .ToArray();
        AssertNone(server.Name, (path, text) => path.Contains('/') && features
            .Where(feature => !path.StartsWith($"{feature}/", StringComparison.Ordinal))
            .Any(feature => Regex.IsMatch(text, $@"^using (static )?Darter\.Server\.{feature}\b", RegexOptions.Multiline)));
    }

    private static void AssertNone(string project, Func<string, string, bool> offends) =>
        Assert.Empty(Project(project).Files.Where(file => offends(file.Path, file.Text)).Select(file => file.Path));

    private static SourceProject Project(string name) => SourceProject.All.Single(project => project.Name == name);

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"\[(LibraryImport|DllImport)\b")]
    private static partial Regex Import();
}
