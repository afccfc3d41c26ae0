using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace HallOps.Web.Storage;

/// <summary>
/// Listens for <see cref="News"/> of the deployment's other processes, on a connection of its own, so that what this one keeps in memory follows within moments and no request asks SQL. While it
/// hears nothing, memory is as old as the last that it heard; when it hears again, everything is read anew.
/// </summary>
internal sealed partial class SharedNews(SqlPlace place, IEnumerable<IHearsNews> hearers, TimeProvider time, ILogger<SharedNews> log) : IHostedService, IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>A connection that is cut without a word looks like one on which nothing is told.</summary>
    private static readonly TimeSpan AsksEvery = TimeSpan.FromSeconds(5);

    private readonly IHearsNews[] _hearers = [.. hearers];
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long? _deafSince;

    /// <summary>That this process does not hear the others now; empty while it does.</summary>
    public IReadOnlyList<string> Problems => _deafSince is { } since && time.GetElapsedTime(since) is var deaf && deaf > AsksEvery
        ? [FormattableString.Invariant($"What other servers of the deployment change (accounts, devices, holidays) has not been heard for {deaf.TotalSeconds:0} s: {place.Name} does not answer")]
        : [];

    /// <summary>From its return on, this process hears.</summary>
    /// <exception cref="StartRefusedException">The database does not answer.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            var ear = await Ear.OpenAsync(place, cancellationToken);
            await ReadAnewAsync(cancellationToken);
            _running = Task.Run(() => RunAsync(ear, _stop.Token), CancellationToken.None);
        }
        catch (Exception e) when (DatabaseFaults.Of(e) is { } fault)
        {
            throw new StartRefusedException($"{PostgresSetting.Name}: {Schema.Words(fault, place)}", e);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever ends the listening, hearing nothing for good would be worse: it is said, and begun again.")]
    private async Task RunAsync(Ear? ear, CancellationToken cancel)
    {
        var pause = ShortestPause;
        while (true)
        {
            try
            {
                if (ear is null)
                {
                    ear = await Ear.OpenAsync(place, cancel);
                    // Whatever was told meanwhile; what is told from here on is heard.
                    await ReadAnewAsync(cancel);
                    HearsAgain(log);
                }
                (_deafSince, pause) = (null, ShortestPause);
                while (true)
                    foreach (var news in await ear.HearAsync(AsksEvery, cancel))
                        await PassAsync(news, cancel);
            }
            catch (Exception) when (cancel.IsCancellationRequested)
            {
                if (ear is not null) await ear.DisposeAsync();
                return;
            }
            catch (Exception broken)
            {
                _deafSince ??= time.GetTimestamp();
                HearsNothing(log, broken);
                if (ear is not null) await ear.DisposeAsync();
                ear = null;
            }
            await Task.Delay(pause, TimeProvider.System, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ReadAnewAsync(CancellationToken cancel)
    {
        foreach (var hearer in _hearers) await hearer.ReadAnewAsync(cancel);
    }

    // Nobody's: a newer version tells of more.
    private async Task PassAsync(string news, CancellationToken cancel)
    {
        var (of, which) = news.IndexOf(' ', StringComparison.Ordinal) is > 0 and var at ? (news[..at], news[(at + 1)..]) : (news, "");
        foreach (var hearer in _hearers)
            if (hearer.Of == of) await hearer.HearAsync(which, cancel);
    }

    [LoggerMessage(EventId = 2500, Level = LogLevel.Warning, Message = "What other servers change is not heard: it is listened for anew, and read anew then")]
    private static partial void HearsNothing(ILogger log, Exception broken);

    [LoggerMessage(EventId = 2501, Level = LogLevel.Information, Message = "What other servers change is heard again, and what they changed meanwhile was read")]
    private static partial void HearsAgain(ILogger log);

    /// <summary>The connection that listens.</summary>
    private sealed class Ear : IAsyncDisposable
    {
        private readonly NpgsqlConnection _connection;
        private List<string> _told = [];

        private Ear(NpgsqlConnection connection)
        {
            _connection = connection;
            connection.Notification += (_, told) => _told.Add(told.Payload);
        }

        public static async Task<Ear> OpenAsync(SqlPlace place, CancellationToken cancel)
        {
            var ear = new Ear(place.Listening());
            try
            {
                await ear._connection.OpenAsync(cancel);
                await ear.ExecuteAsync($"LISTEN {News.Channel}", cancel);
                return ear;
            }
            catch
            {
                await ear.DisposeAsync();
                throw;
            }
        }

        /// <summary>What was told since it was last asked, in its order; empty after so long without any.</summary>
        /// <exception cref="NpgsqlException">The connection is broken.</exception>
        public async Task<IReadOnlyList<string>> HearAsync(TimeSpan atMost, CancellationToken cancel)
        {
            if (_told.Count == 0 && !await _connection.WaitAsync(atMost, cancel)) await ExecuteAsync("SELECT 1", cancel);
            var told = _told;
            _told = [];
            return told;
        }

        public ValueTask DisposeAsync() => _connection.DisposeAsync();

        private async Task ExecuteAsync(string sql, CancellationToken cancel)
        {
            await using var command = new NpgsqlCommand(sql, _connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }
}
