namespace Darter.Workers.Sources;

/// <summary>What a change of a file means.</summary>
public enum SourceKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The browser needs the file anew, and nothing else: a style sheet.</summary>
    Style,

    /// <summary>The browser needs the page anew: scripts, images.</summary>
    Asset,

    /// <summary>The application has to be loaded anew: modules, templates, environment files.</summary>
    Code,
}
