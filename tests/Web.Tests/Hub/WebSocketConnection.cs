using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Hub;

/// <summary>The hub's client over a plain WebSocket, without negotiation: the client library's own HTTP parts are not needed to speak to one hub.</summary>
internal static class HubClient
{
    /// <param name="server">The server's address, http.</param>
    /// <param name="bearer">The token of the caller; null: nobody.</param>
    public static HubConnection Connect(Uri server, string? bearer = null)
    {
        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<IConnectionFactory>(new WebSocketConnectionFactory(bearer));
        builder.Services.AddSingleton<EndPoint>(new UriEndPoint(new Uri($"ws://{server.Authority}/hub")));
        return builder.Build();
    }
}

internal sealed class WebSocketConnectionFactory(string? bearer) : IConnectionFactory
{
    public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var socket = new ClientWebSocket();
        if (bearer is not null) socket.Options.SetRequestHeader("Authorization", "Bearer " + bearer);
        await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, cancellationToken);
        return new WebSocketConnection(socket);
    }
}

/// <summary>A connection whose bytes go over a WebSocket, two loops between its pipes and the socket.</summary>
internal sealed class WebSocketConnection : ConnectionContext
{
    private readonly ClientWebSocket _socket;
    private readonly CancellationTokenSource _closed = new();
    private readonly Pipe _received = new();
    private readonly Pipe _toSend = new();
    private readonly Task _running;

    public WebSocketConnection(ClientWebSocket socket)
    {
        _socket = socket;
        Transport = new Duplex(_received.Reader, _toSend.Writer);
        _running = Task.WhenAll(ReceiveAsync(), SendAsync());
    }

    public override string ConnectionId { get; set; } = Guid.NewGuid().ToString();
    public override IFeatureCollection Features { get; } = new FeatureCollection();
    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();
    public override IDuplexPipe Transport { get; set; }

    public override void Abort(ConnectionAbortedException abortReason) => _closed.Cancel();

    public override async ValueTask DisposeAsync()
    {
        await _toSend.Writer.CompleteAsync();
        await _closed.CancelAsync();
        await _running;
        _socket.Dispose();
        _closed.Dispose();
        await base.DisposeAsync();
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(_received.Writer.GetMemory(4096), _closed.Token);
                if (result.MessageType == WebSocketMessageType.Close) break;
                _received.Writer.Advance(result.Count);
                if ((await _received.Writer.FlushAsync(_closed.Token)).IsCompleted) break;
            }
            await _received.Writer.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            await _received.Writer.CompleteAsync();
        }
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                var read = await _toSend.Reader.ReadAsync(_closed.Token);
                if (!read.Buffer.IsEmpty) await _socket.SendAsync(read.Buffer.ToArray(), WebSocketMessageType.Text, endOfMessage: true, _closed.Token);
                _toSend.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted) break;
            }
            await _toSend.Reader.CompleteAsync();
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
            await _toSend.Reader.CompleteAsync();
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input { get; } = input;
        public PipeWriter Output { get; } = output;
    }
}
