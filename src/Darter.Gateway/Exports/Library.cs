using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Darter.CPython;
using Darter.CPython.Native;
using Darter.Gateway.Asgi;
using Darter.Gateway.Runtime;
using Darter.Gateway.Wsgi;
using Darter.Wire;

namespace Darter.Gateway.Exports;

/// <summary>
/// What python/darter/worker.py calls, through ctypes.PyDLL: with the GIL held, and a Python error raised where one is
/// set. A channel is an opaque handle.
/// </summary>
internal static unsafe class Library
{
    /// <summary>Opens a channel, of the main thread or of another: hello and its answer. 0: a Python error is set.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_open", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Open(int socket, int page, byte* token, byte* name, byte isMain)
    {
        try
        {
            PyApi.Load(NativeLibrary.GetMainProgramHandle());
            Channel channel = new(socket, page, Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), isMain != 0);
            channel.Open(new ReadOnlySpan<byte>(token, ChannelFormat.TokenSize));
            return GCHandle.ToIntPtr(GCHandle.Alloc(channel));
        }
        catch (Exception e)
        {
            return Raise(e);
        }
    }

    /// <summary>Says that the application is loaded. 0: a Python error is set.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_ready", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Ready(nint channel, byte kind, byte* text, nint length) => Say(channel, FrameType.Ready, kind, text, length);

    /// <summary>Says why the application did not load. 0: a Python error is set.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_failed", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Failed(nint channel, byte* text, nint length) => Say(channel, FrameType.Failed, null, text, length);

    /// <summary>Serves a WSGI application until the channel ends. Returns a <see cref="ServeResult"/>.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_serve_wsgi", CallConvs = [typeof(CallConvCdecl)])]
    public static nint ServeWsgi(nint channel, nint application, nint settings)
    {
        try
        {
            return WsgiSettings.Read(new BorrowedReference(settings)) is { } read
                ? (nint)new WsgiServer(Get(channel), new BorrowedReference(application), read).Serve()
                : (nint)ServeResult.Error;
        }
        catch (Exception e)
        {
            _ = Raise(e);
            return (nint)ServeResult.Error;
        }
    }

    /// <summary>
    /// Prepares to serve an ASGI application. Returns a tuple of the functions for the event loop, a new reference. 0: a
    /// Python error is set.
    /// </summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_serve_asgi", CallConvs = [typeof(CallConvCdecl)])]
    public static nint ServeAsgi(nint channel, nint application, nint settings)
    {
        try
        {
            return AsgiSettings.Read(new BorrowedReference(settings)) is { } read
                ? new AsgiServer(Get(channel), new BorrowedReference(application), read).CreateFunctions().Pointer
                : 0;
        }
        catch (Exception e)
        {
            return Raise(e);
        }
    }

    /// <summary>Writes a line for the operator's log.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_log", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Log(nint channel, byte level, byte* text, nint length) => Say(channel, FrameType.Log, level, text, length);

    /// <summary>Sends what is pending and closes a channel. 0: a Python error is set.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_close", CallConvs = [typeof(CallConvCdecl)])]
    public static nint Close(nint channel)
    {
        try
        {
            Get(channel).Dispose();
            return 1;
        }
        catch (Exception e)
        {
            return Raise(e);
        }
    }

    /// <summary>Has a channel's thread end when its request is done.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_stop", CallConvs = [typeof(CallConvCdecl)])]
    public static void Stop(nint channel) => Get(channel).Stop();

    /// <summary>In the child of a fork: the channel is the parent's.</summary>
    [UnmanagedCallersOnly(EntryPoint = "darter_abandon", CallConvs = [typeof(CallConvCdecl)])]
    public static void Abandon(nint channel) => Get(channel).Abandon();

    private static nint Say(nint handle, FrameType type, byte? first, byte* text, nint length)
    {
        try
        {
            Channel channel = Get(handle);
            int prefix = first is null ? 0 : 1;
            int size = (int)Math.Min(length, ChannelFormat.MaxPayload - prefix);
            Span<byte> payload = channel.Writer.Begin(prefix + size);
            if (first is { } value)
            {
                payload[0] = value;
            }

            new ReadOnlySpan<byte>(text, size).CopyTo(payload[prefix..]);
            channel.Writer.Complete(type, FrameFlags.None, 0, prefix + size);
            channel.Flush();
            return 1;
        }
        catch (Exception e)
        {
            return Raise(e);
        }
    }

    private static Channel Get(nint channel) => (Channel)GCHandle.FromIntPtr(channel).Target!;

    private static nint Raise(Exception e)
    {
        if (!PythonError.IsSet)
        {
            PythonError.Set(PyApi.PyExc_RuntimeError, e.Message);
        }

        return 0;
    }
}
