using StackExchange.Redis;

namespace HallOps.Silo.Journal;

/// <summary>
/// One connection to Redis, made anew by whoever asks next after it failed. The client's own reconnecting is off: what a server that was away has kept must be looked at before
/// anything is written to it. Safe from any thread.
/// </summary>
/// <param name="first">Runs on each new connection before anybody else has it.</param>
internal sealed class RedisLink(ConfigurationOptions configuration, RedisJournalOptions options, Func<IDatabase, Task>? first = null) : IDisposable
{
    private readonly Lock _gate = new();
    private Task<IDatabase>? _opening;
    private bool _disposed;

    /// <exception cref="RedisException">There is no connection to be had.</exception>
    /// <exception cref="TimeoutException">Not within <see cref="RedisJournalOptions.ConnectWithin"/>.</exception>
    public async Task<IDatabase> OpenAsync()
    {
        Task<IDatabase> opening;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            opening = _opening ??= Task.Run(ConnectAsync);
        }
        try
        {
            return await opening;
        }
        catch
        {
            lock (_gate)
                if (_opening == opening) _opening = null;
            throw;
        }
    }

    /// <summary>Gives up a connection that failed. Whatever waits on it fails.</summary>
    public void Drop(IDatabase database)
    {
        lock (_gate)
            if (_opening is { IsCompletedSuccessfully: true } opening && ReferenceEquals(opening.Result, database)) _opening = null;
        Close(database);
    }

    public void Dispose()
    {
        Task<IDatabase>? opening;
        lock (_gate)
        {
            _disposed = true;
            opening = _opening;
            _opening = null;
        }
        opening?.ContinueWith(static o => Close(o.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
    }

    /// <summary>Whether an exception says that the connection, and not what was asked, is at fault.</summary>
    public static bool IsGone(Exception e) => e is RedisException or RedisCommandException or TimeoutException or OperationCanceledException or ObjectDisposedException or IOException;

    private async Task<IDatabase> ConnectAsync()
    {
        var connecting = ConnectionMultiplexer.ConnectAsync(configuration);
        ConnectionMultiplexer multiplexer;
        try
        {
            // Twice: the client allows a connection's making and its first answers a span each.
            multiplexer = await connecting.WaitAsync(options.ConnectWithin * 2, options.Time);
        }
        catch (TimeoutException)
        {
            _ = connecting.ContinueWith(static c => c.Result.Close(false), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
        var database = multiplexer.GetDatabase();
        multiplexer.ConnectionFailed += (_, failed) =>
        {
            if (failed.ConnectionType == ConnectionType.Interactive) Drop(database);
        };
        try
        {
            if (first is not null) await first(database).WaitAsync(options.AnswerWithin, options.Time);
            return database;
        }
        catch
        {
            Close(database);
            throw;
        }
    }

    // Not waited for: closing a connection whose server hangs may hang itself.
    private static void Close(IDatabase database) => _ = Task.Run(() => database.Multiplexer.Close(false));
}
