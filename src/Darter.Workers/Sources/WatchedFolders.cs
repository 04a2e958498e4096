using Darter.Workers.Native;

namespace Darter.Workers.Sources;

/// <summary>The folders that the kernel watches for us, by number and by path.</summary>
internal sealed class WatchedFolders(FolderNotices notices, SourceRules rules)
{
    private readonly Dictionary<int, string> _paths = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>How many folders the kernel would not watch, since it watches too many.</summary>
    internal int Refused { get; private set; }

    /// <summary>The path of a folder, or null if it is not watched any more.</summary>
    internal string? PathOf(int number) => _paths.GetValueOrDefault(number);

    /// <summary>Watches a folder alone.</summary>
    internal bool Add(string folder)
    {
        if (_numbers.ContainsKey(folder))
        {
            return true;
        }

        int number = notices.Add(folder, out bool isFull);
        if (number < 0)
        {
            Refused += isFull ? 1 : 0;
            return false;
        }

        _paths[number] = folder;
        _numbers[folder] = number;
        return true;
    }

    /// <summary>Watches a folder and those below it, but for what the rules skip. What files there are goes to <paramref name="found"/>.</summary>
    internal void AddTree(string folder, Action<string>? found)
    {
        // Watched first, then looked through: nothing that comes in between is missed.
        if (rules.Skips(folder) || !Add(folder))
        {
            return;
        }

        try
        {
            foreach (FileSystemInfo entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                if ((entry.Attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == FileAttributes.Directory)
                {
                    AddTree(entry.FullName, found);
                }
                else
                {
                    found?.Invoke(entry.FullName);
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It was removed meanwhile, or is not ours to read: then it has nothing that the application imports.
        }
    }

    /// <summary>A folder was renamed or removed: it and those below it have no path any more.</summary>
    internal void RemoveTree(string folder)
    {
        foreach ((string path, int number) in _numbers.ToList())
        {
            if (path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal))
            {
                notices.Remove(number);
                Forget(number);
            }
        }
    }

    /// <summary>The kernel watches a folder no more.</summary>
    internal void Forget(int number)
    {
        if (_paths.Remove(number, out string? path) && _numbers.GetValueOrDefault(path) == number)
        {
            _numbers.Remove(path);
        }
    }
}
