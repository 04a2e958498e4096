using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Runtime;
using Darter.Wire;

namespace Darter.Gateway.Wsgi;

/// <summary>
/// Where the application is mounted, if a trusted proxy says so in the field SCRIPT_NAME, as Gunicorn has it, or a web server in
/// the variable of that name.
/// </summary>
internal static unsafe class ScriptName
{
    /// <summary>
    /// Sets SCRIPT_NAME, and PATH_INFO to what follows it in the target, of which the front made sure that it begins with it.
    /// False: a Python error is set.
    /// </summary>
    public static bool Set(BorrowedReference environ, in RequestHead head)
    {
        int mark = head.Target.IndexOf((byte)'?');
        ReadOnlySpan<byte> path = mark < 0 ? head.Target : head.Target[..mark];
        if (head.Variables.TryFind("SCRIPT_NAME"u8, out ReadOnlySpan<byte> variable))
        {
            // The variable, which is in the environ already, is decoded: so many bytes of the decoded path are the mount.
            using NewReference below = PercentEncoding.ToLatin1(path, variable.Length);
            return Set(environ, "PATH_INFO\0"u8, below);
        }

        _ = head.Headers.TryFind("script_name"u8, out ReadOnlySpan<byte> name);
        using NewReference mounted = PythonText.FromLatin1(name);
        using NewReference rest = PercentEncoding.ToLatin1(path[Math.Min(name.Length, path.Length)..]);
        return Set(environ, "SCRIPT_NAME\0"u8, mounted) && Set(environ, "PATH_INFO\0"u8, rest);
    }

    private static bool Set(BorrowedReference environ, ReadOnlySpan<byte> key, BorrowedReference value)
    {
        using NewReference name = PythonText.Interned(key);
        return !name.IsNull && !value.IsNull && PyApi.PyDict_SetItem(environ, name, value) == 0;
    }
}
