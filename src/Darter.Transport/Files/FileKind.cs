namespace Darter.Transport.Files;

/// <summary>What a file is.</summary>
public enum FileKind
{
    /// <summary>Neither: a device, a pipe, a socket.</summary>
    Other,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link; only where links are not followed.</summary>
    Link,
}
