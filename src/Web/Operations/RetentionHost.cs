using HallOps.Web.Storage;

namespace HallOps.Web.Operations;

/// <summary>Forgets people whose time has passed, for as long as the server runs; the start itself forgets those of the time it was away.</summary>
/// <param name="people">Asked for at the first turn: hosts are made before the folder is taken, and what people need is in it.</param>
internal sealed partial class RetentionHost(Func<IPeople> people, TimeProvider time, ILogger<RetentionHost> log) : IHostedService, IAsyncDisposable
{
    // Retention ends with a day (UTC). Every hour, so that it is that day whenever the server was started, and a failure is tried again on it; nothing to erase costs one look at an index.
    public static readonly TimeSpan Every = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Turn(), null, Every, Every);
        return Task.CompletedTask;
    }

    /// <summary>Ends with a turn that runs.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _timer, null) is { } timer) await timer.DisposeAsync();
        Task last;
        lock (_lock) last = _running;
        await last;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await StopAsync(CancellationToken.None);
        _stopping.Dispose();
    }

    private void Turn()
    {
        lock (_lock)
            if (_running.IsCompleted) _running = EraseAsync();
    }

    private async Task EraseAsync()
    {
        try
        {
            if (await people().EraseDueAsync(_stopping.Token) is > 0 and var forgotten) Forgotten(log, forgotten);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The start forgets them.
        }
        catch (Exception e)
        {
            NotForgotten(log, e);
        }
    }

    [LoggerMessage(EventId = 2300, Level = LogLevel.Information, Message = "{Count} people are forgotten: their retention has ended")]
    private static partial void Forgotten(ILogger log, int count);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Error, Message = "People whose retention has ended could not be forgotten; it is tried again in an hour")]
    private static partial void NotForgotten(ILogger log, Exception e);
}
