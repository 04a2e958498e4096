using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Darter.Workers.Native;

namespace Darter.Workers.Sources;

/// <summary>
/// Watches the sources of an application on a thread of its own. Changes are gathered until nothing more comes for a
/// moment, since an editor renames files and a version control system writes thousands.
/// </summary>
public sealed class SourceWatcher : IWorkerOutput, IDisposable
{
    // The kernel tells of changes within microseconds; a save is a handful of them.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(1);

    private readonly SourceRules _rules;
    private readonly FolderNotices _notices;
    private readonly WatchedFolders _folders;
    private readonly ConcurrentQueue<string> _reported = new();
    private readonly HashSet<string> _imported = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SourceKind> _changed = new(StringComparer.Ordinal);
    private readonly Thread _thread;
    private readonly Lock _ending = new();
    private SourceKind _kind;
    private long _firstChange;
    private long _lastChange;
    private int _refusedTold;
    private volatile bool _stops;

    /// <param name="rules">What matters.</param>
    /// <exception cref="IOException">The kernel has no more watchers; the message says what to change.</exception>
    public SourceWatcher(SourceRules rules)
    {
        _rules = rules;
        try
        {
            _notices = new FolderNotices();
        }
        catch (Win32Exception exception)
        {
            throw new IOException($"{exception.Message}; see fs.inotify.max_user_instances", exception);
        }

        _folders = new WatchedFolders(_notices, rules);
        _thread = new Thread(Run) { Name = "darter-sources", IsBackground = true };
    }

    /// <summary>Code has changed, and perhaps more will: called at the first change, on the watcher's thread.</summary>
    public required Action OutOfDate { get; init; }

    /// <summary>That is all for the moment: called on the watcher's thread.</summary>
    public required Action<SourceChanges> Changed { get; init; }

    /// <summary>Takes what the operator should know.</summary>
    public required Action<string> Report { get; init; }

    /// <summary>Begins to watch; changes from now on are noticed.</summary>
    public void Start()
    {
        foreach (string folder in _rules.Folders)
        {
            _folders.AddTree(folder, found: null);
        }

        TellRefused();
        _thread.Start();
    }

    /// <summary>A worker has imported a file. Any thread.</summary>
    void IWorkerOutput.OnLine(string worker, int processId, ReadOnlySpan<byte> line)
    {
        lock (_ending)
        {
            // A worker may outlive the watcher for a moment.
            if (!_stops)
            {
                _reported.Enqueue(Encoding.UTF8.GetString(line));
                _notices.Wake();
            }
        }
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        lock (_ending)
        {
            _stops = true;
            _notices.Wake();
        }

        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _notices.Dispose();
    }

    private void Run()
    {
        while (!_stops)
        {
            _notices.Wait(_kind == SourceKind.None ? -1 : (int)Math.Ceiling(Rest().TotalMilliseconds));
            SourceKind before = _kind;
            TakeReported();
            _notices.Read(OnNotice);
            TellRefused();
            if (_kind == SourceKind.Code && before != SourceKind.Code)
            {
                OutOfDate();
            }

            if (_kind != SourceKind.None && Rest() <= TimeSpan.Zero)
            {
                SourceChanges changes = new(_kind, [.. _changed.Where(change => change.Value == _kind).Select(change => change.Key)]);
                _kind = SourceKind.None;
                _changed.Clear();
                Changed(changes);
            }
        }
    }

    /// <summary>How long nothing more must come for the changes to be complete; never for longer than the patience lasts.</summary>
    private TimeSpan Rest()
    {
        TimeSpan quiet = Quiet - Stopwatch.GetElapsedTime(_lastChange);
        TimeSpan patience = MostPatience - Stopwatch.GetElapsedTime(_firstChange);
        TimeSpan rest = quiet < patience ? quiet : patience;
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private void OnNotice(FolderNotice notice)
    {
        if (notice.IsLoss)
        {
            // Anything may have changed, folders included.
            foreach (string folder in _rules.Folders)
            {
                _folders.AddTree(folder, found: null);
            }

            Note("", SourceKind.Code);
            return;
        }

        if (notice.IsEnd)
        {
            _folders.Forget(notice.Folder);
            return;
        }

        if (_folders.PathOf(notice.Folder) is not { } parent)
        {
            return;
        }

        string path = Path.Combine(parent, notice.Name);
        if (!notice.IsFolder)
        {
            if (notice.IsGone || notice.IsWhole)
            {
                Note(path);
            }

            return;
        }

        if (notice.IsGone)
        {
            _folders.RemoveTree(path);
            if (_imported.Any(file => file.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                Note(path, SourceKind.Code);
            }
        }
        else if (_rules.Folders.Any(folder => parent == folder || parent.StartsWith(folder + "/", StringComparison.Ordinal)))
        {
            _folders.AddTree(path, Note);
        }
    }

    private void Note(string file)
    {
        SourceKind kind = _rules.KindOf(file, _imported.Contains(file));
        if (kind != SourceKind.None)
        {
            Note(file, kind);
        }
    }

    private void Note(string file, SourceKind kind)
    {
        _lastChange = Stopwatch.GetTimestamp();
        if (_kind == SourceKind.None)
        {
            _firstChange = _lastChange;
        }

        _kind = kind > _kind ? kind : _kind;
        if (file.Length > 0)
        {
            _changed[file] = kind;
        }
    }

    private void TakeReported()
    {
        while (_reported.TryDequeue(out string? file))
        {
            // Python may know it by a relative path or through links; the kernel tells names in the folder that is watched.
            if (Path.IsPathFullyQualified(file) && _imported.Add(file) && Path.GetDirectoryName(file) is { } folder)
            {
                _folders.Add(folder);
            }
        }
    }

    private void TellRefused()
    {
        if (_folders.Refused > _refusedTold)
        {
            _refusedTold = _folders.Refused;
            Report($"Changes are not noticed in {_refusedTold} folders, since the kernel watches no more of them: raise fs.inotify.max_user_watches, or leave folders out with --reload-exclude");
        }
    }
}
