using System.Xml.Linq;
using Darter.Testing;

namespace Darter.Architecture.Tests;

/// <summary>A project of src as its file describes it.</summary>
internal sealed class SourceProject
{
    private static readonly string Source = Path.Combine(RepositoryPaths.Root, "src");

    private readonly XDocument _document;

    private SourceProject(string file)
    {
        _document = XDocument.Load(file);
        Name = Path.GetFileNameWithoutExtension(file);
        Folder = Path.GetDirectoryName(file)!;
    }

    public static IReadOnlyList<SourceProject> All { get; } =
        Directory.GetFiles(Source, "*.csproj", SearchOption.AllDirectories).Order().Select(file => new SourceProject(file)).ToList();

    public string Name { get; }

    public string Folder { get; }

    public IEnumerable<string> References => Included("ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path.Replace('\\', '/')));

    public IEnumerable<string> Frameworks => Included("FrameworkReference");

    public bool AllowsUnsafeCode => _document.Descendants("AllowUnsafeBlocks").Any(element => element.Value.Trim() == "true");

    /// <summary>Its source files, as paths relative to its folder, with their text.</summary>
    public IEnumerable<(string Path, string Text)> Files =>
        Directory.GetFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(Folder, file), Text: File.ReadAllText(file)))
            .Where(file => !file.Path.StartsWith("obj/", StringComparison.Ordinal) && !file.Path.StartsWith("bin/", StringComparison.Ordinal));

    public override string ToString() => Name;

    private IEnumerable<string> Included(string element) =>
        _document.Descendants(element).Select(reference => reference.Attribute("Include")!.Value);
}
